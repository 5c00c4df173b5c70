/* Cochran-Mantel-Haenszel test (Cochran 1954, Mantel & Haenszel 1959; generalised: Landis, Heyman & Koch 1978): whether rows and
 * columns are associated within strata, so that a difference which comes from the strata alone is none (Simpson). As R's
 * mantelhaen.test(), without continuity correction. */
#ifndef STATS_METHOD_MANTEL_HAENSZEL_H
#define STATS_METHOD_MANTEL_HAENSZEL_H

#include "stats/method/contingency.h"

struct mantel_haenszel {
    double statistic, p;
    size_t df;
    bool has_odds_ratio; /* 2 × 2 × k only, and not 0 or infinite */
    double odds_ratio;   /* common to the strata (Mantel & Haenszel) */
};

/* `strata` tables of one shape; those with fewer than two cases are left out. EMPTY, OUT_OF_RANGE, ONE_GROUP (nothing
 * to compare within any stratum). */
enum method_reason mantel_haenszel(const struct contingency *strata, size_t count, struct mantel_haenszel *out);

#endif
