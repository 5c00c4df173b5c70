/* Cramér's V (Cramér 1946): strength of association of two categorical variables, 0 none, 1 complete. The interval inverts
 * the noncentral chi-square distribution (Smithson 2003): V = sqrt(lambda / (n min(rows - 1, columns - 1))). The estimate
 * leans upwards in large tables of few cases; the interval, which does not, is widened to hold it. */
#ifndef STATS_METHOD_CRAMER_H
#define STATS_METHOD_CRAMER_H

#include "stats/method/contingency.h"

struct cramer {
    double v, low, high;
};

/* Reasons as margins_of(). */
enum method_reason cramer_v(const struct contingency *table, double confidence, struct cramer *out);

#endif
