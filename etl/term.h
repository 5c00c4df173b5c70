/* How long things are kept (P5): the keys below `retention`. A case goes on the day that is `months` calendar months after
 * its closing, twelve at the most; a day that the month does not have is the month's last (29 February + a year: 28). */
#ifndef ETL_TERM_H
#define ETL_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"

struct term {
    int case_months;     /* 1 .. 12 */
    int quarantine_days;
    int backup_days;     /* copies in state/backups/ */
    int answer_days;     /* answers to the data protection officer */
};

extern const struct config_rule term_config_rules[];
void term_compile(struct term *term, const struct config *config);

/* The local day on which a case closed on `closed_day` must be gone, or held. */
int32_t term_due_day(const struct term *term, int32_t closed_day);
/* The earliest day of closing that may be in the store on `today`. */
int32_t term_oldest_day(const struct term *term, int32_t today);

/* Whether an instant as text ("2026-01-31T03:00:00Z") is on `newest_day` (UTC) or before; false for what is none. */
bool term_is_over(const char *instant, int32_t newest_day);

#endif
