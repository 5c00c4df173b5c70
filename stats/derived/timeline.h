/* Periods as numbers: the labels of a released table's first column ("2026-01", "2026-Q1", "2026-W05") on a line
 * without holes, so that a period that was not published has its place. */
#ifndef STATS_DERIVED_TIMELINE_H
#define STATS_DERIVED_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum timeline_unit { TIMELINE_MONTH, TIMELINE_QUARTER, TIMELINE_WEEK, TIMELINE_YEAR };

/* False if the label is no period. Successive periods of a unit have successive numbers. */
bool timeline_parse(const char *label, enum timeline_unit *unit, int64_t *number);
/* The label of a number that timeline_parse() can give, years 1 to 9999. */
void timeline_format(enum timeline_unit unit, int64_t number, char out[16]);

/* Periods in a yearly cycle: 12, 4, 52 (a 53rd week every five or six years shifts the season by a week), 1. */
size_t timeline_season(enum timeline_unit unit);

#endif
