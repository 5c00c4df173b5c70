/* The made-up customers of the demo. Nobody: all domains end in .example (RFC 2606), all telephone numbers lie in ranges
 * that regulators keep free for fiction: Germany's Bundesnetzagentur ("Rufnummern für Film und Fernsehen"), France's
 * Arcep (decision 2018-0881), Britain's Ofcom ("Telephone numbers for drama use"). */
#ifndef CLI_DEMO_PEOPLE_H
#define CLI_DEMO_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/demo_random.h"
#include "core/calendar.h"
#include "core/strbuf.h"

enum { DEMO_PEOPLE = 26000 };
enum demo_brand { DEMO_NORDHAUS, DEMO_VELORA, DEMO_BRIGHTLANE, DEMO_BRANDS };

struct demo_person {
    uint32_t number;
    uint8_t country;             /* index into demo_countries */
    uint8_t brand;               /* the one they mostly buy from */
    uint8_t first, last, domain; /* indices of their name and mail domain */
    bool has_email, has_phone, opted_in_email, opted_in_phone;
    uint32_t phone;             /* which number of the country's range */
    struct calendar_date birth; /* year 0: unknown */
};

struct demo_country {
    const char *code, *language;
};
extern const struct demo_country demo_countries[];

struct demo_person *demo_people_make(struct demo_random *random);               /* DEMO_PEOPLE of them, to be freed */
int demo_person_age(const struct demo_person *person, struct calendar_date at); /* 0 if unknown */

/* Each appends the identifier in one of the spellings that people and agents use. */
void demo_person_email(const struct demo_person *person, struct demo_random *random, struct strbuf *out);
void demo_person_phone(const struct demo_person *person, struct demo_random *random, struct strbuf *out);
void demo_person_number(const struct demo_person *person, struct demo_random *random, struct strbuf *out);
void demo_person_name(const struct demo_person *person, struct strbuf *out);

#endif
