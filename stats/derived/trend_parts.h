/* Parts of trend_test.h that stand on their own. */
#ifndef STATS_DERIVED_TREND_PARTS_H
#define STATS_DERIVED_TREND_PARTS_H

#include "stats/derived/trend_test.h"

/* The last value against that of the period before and of a cycle before; tested for shares (Newcombe's interval) and for means
 * with standard deviations (Welch). */
void trend_compare(const struct panel *panel, const struct trend_series *of, size_t last,
                   struct trend_change *on_period, struct trend_change *on_year);

/* The change of level of a series and of the same without its season (`level`), and its shape, all zero where none
 * could be found. Periods count from the series' first. */
enum method_reason trend_step_of(const struct series *series, const struct series *level,
                                 const struct step_or_line *shape, struct trend_step *out);

/* The control chart of the last usable period from those before it: p for shares, u for rates and cases, XmR by medians for
 * figures. */
enum method_reason trend_chart_of(const struct trend_series *of, struct span usable, struct trend_chart *out);

#endif
