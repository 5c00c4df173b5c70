/* Parts of trend_test.h that stand on their own. */
#ifndef STATS_DERIVED_TREND_PARTS_H
#define STATS_DERIVED_TREND_PARTS_H

#include "stats/derived/trend_test.h"

/* The last value against that of the period before and of a cycle before; tested for shares (Newcombe's interval) and for means
 * with standard deviations (Welch). */
void trend_compare(const struct panel *panel, const struct trend_series *of, size_t last, struct trend_change *on_period,
                   struct trend_change *on_year);

/* The series less its season: STL's where given, else, from two full cycles on, the median distance of each season from the
 * Theil-Sen line; shorter series are copied. */
void trend_without_season(const struct series *series, const struct stl *season, double *out);

/* Whether two medians before and from `first_after` leave less absolute error than the Theil-Sen line. */
bool trend_steps_fit_better(const struct series *series, size_t first_after);

/* The control chart of the last usable period from those before it: p for shares, u for rates and cases, XmR by medians for
 * figures. */
enum method_reason trend_chart_of(const struct trend_series *of, struct span usable, struct trend_chart *out);

#endif
