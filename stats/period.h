/* Dimensions derived from a day: month ("2026-01"), quarter ("2026-Q1"), ISO week ("2026-W05"), weekday
 * ("Monday") and year ("2026"). They have one level. Days outside 1900-01-01 .. 2199-12-31 belong to none. */
#ifndef STATS_PERIOD_H
#define STATS_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/domain.h"

enum period_kind { PERIOD_MONTH, PERIOD_QUARTER, PERIOD_WEEK, PERIOD_WEEKDAY, PERIOD_YEAR };

enum { PERIOD_FIRST_DAY = -25567, PERIOD_LAST_DAY = 84005, PERIOD_DAYS = PERIOD_LAST_DAY - PERIOD_FIRST_DAY + 1 };

bool period_kind_parse(const char *name, enum period_kind *kind);

/* May a table be published by this period? Not a weekday, which is never over, nor a year, which is a sum of
 * released quarters (PROTECTION 6). */
bool period_is_base(enum period_kind kind);

/* Fills nodes, count, levels and last_day; of_day[PERIOD_DAYS] gives the node of PERIOD_FIRST_DAY + i. The
 * last node, `missing`, is for a day that is not known. */
void period_dimension(enum period_kind kind, struct arena *arena, struct dimension *dimension, const uint32_t **of_day,
                      uint32_t *missing);

#endif
