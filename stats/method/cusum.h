/* Cumulative sums of the deviations from the mean (Page 1954; McGilchrist & Woodyer 1975). Their largest absolute value marks
 * a change of level; p from the limiting Brownian bridge of max |S| / (sd sqrt(n)) (Ploberger & Kraemer 1992), conservative
 * in short series. */
#ifndef STATS_METHOD_CUSUM_H
#define STATS_METHOD_CUSUM_H

#include "stats/method/method.h"

struct cusum {
    size_t n;
    double largest;     /* max |S|, in units of the values */
    size_t last_before; /* the period at which it is reached */
    double p;
};

/* Needs 4 values. EMPTY, TOO_SHORT, CONSTANT, OUT_OF_RANGE. */
enum method_reason cusum(const struct series *series, struct cusum *out);

/* P(sup |Brownian bridge| > x), the Kolmogorov distribution (1933). */
double kolmogorov_above(double x);

#endif
