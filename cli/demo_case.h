/* The made-up cases of the demo: what is asked, where, how it is delivered and paid, how long it takes, how content
 * people are. Planted, to be found again: chat grows and the telephone shrinks over the 26 months; December and January
 * are busy; from month 15 (March 2025) a new carrier makes late deliveries jump and satisfaction with them fall; young
 * people prefer chat and pick-up points, older ones the telephone, home delivery and invoices. */
#ifndef CLI_DEMO_CASE_H
#define CLI_DEMO_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/demo_people.h"
#include "cli/demo_random.h"

enum { DEMO_MONTHS = 26, DEMO_FIRST_YEAR = 2024, DEMO_BREAK_MONTH = 14 };

struct demo_case {
    uint32_t number, person;
    enum demo_brand brand;
    const char *channel, *category, *subcategory;
    const char *delivery, *payment;              /* "" where the case is about neither */
    int64_t order_value_cents;                   /* 0: none */
    int64_t opened_min, closed_min, updated_min; /* wall clock, minutes since 1970-01-01 */
    int satisfaction;                            /* 1..5, 0: not asked or not answered */
    bool open;                                   /* open again */
    bool missed;                                 /* not in its month's export: comes with the next */
};

/* The number of cases closed on that day of month `month` (0..25). */
uint32_t demo_case_volume(struct demo_random *random, int month, int32_t day);

/* One case closed on that day by a customer of the population. */
struct demo_case demo_case_make(struct demo_random *random, const struct demo_person *people, int month, int32_t day);

/* A later correction of it: another subcategory or satisfaction, or opened again; updated on `day`. */
void demo_case_correct(struct demo_random *random, struct demo_case *corrected, int32_t day);

#endif
