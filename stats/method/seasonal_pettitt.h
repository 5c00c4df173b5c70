/* Pettitt's test within each season, summed, as the seasonal Kendall test sums Mann-Kendall: a yearly pattern is no change. With
 * U(t) the sum over the seasons and K = max |U(t)|, the Brownian bridge behind Pettitt's p (1979) has the scale
 * sum of m^2 (m + 1) / 3 over seasons of m values, hence p = 2 exp(-6 K^2 / sum m^2 (m + 1)); with one season that is Pettitt's. */
#ifndef STATS_METHOD_SEASONAL_PETTITT_H
#define STATS_METHOD_SEASONAL_PETTITT_H

#include "stats/method/method.h"

struct seasonal_pettitt {
    size_t n;
    double k, p;
};

/* Needs two cycles (series_has_two_cycles()): TOO_FEW_CYCLES. When, is better answered by step_or_line.h. */
enum method_reason seasonal_pettitt(const struct series *series, struct seasonal_pettitt *out);

#endif
