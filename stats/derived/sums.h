/* Sums over a year: calendar years of months or quarters, and the rolling cycle (twelve months, four quarters, 52 weeks) that ends
 * with each period, beside the cycle before. Of released figures alone, and only of those that add up: cases, numbers of values,
 * sums. A sum is there where each of its periods is published; so it reveals nothing that they do not, and goes back as far as
 * releases do, however short the cases are kept. */
#ifndef STATS_DERIVED_SUMS_H
#define STATS_DERIVED_SUMS_H

#include "stats/derived/panel.h"
#include "stats/release.h"

/* Adds trends/<table>_sums if there is a sum in it. */
void sums_add(struct release *release, const struct panel *panel);

#endif
