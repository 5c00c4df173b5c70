/* Trends of a released table over its periods: every series (trend_series.h) with all that is asked of it (trend_test.h) in
 * trends/<table>.csv, the parts of the seasonal decomposition in trends/<table>_parts.csv and the next periods in
 * trends/<table>_forecast.csv.
 *
 * Where the table's total falls off at its end, or begins as a fragment, the data look like a cut extract rather than a
 * change: those periods are left out of every test, and each row says so. */
#ifndef STATS_DERIVED_TREND_H
#define STATS_DERIVED_TREND_H

#include "stats/derived/findings.h"

/* `spec` may be NULL. */
void trend_add(struct release *to, const struct panel *panel, const struct derived_spec *spec,
               struct findings *findings);

#endif
