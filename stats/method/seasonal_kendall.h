/* Seasonal Kendall test (Hirsch, Slack & Smith 1982): Mann-Kendall within each season, summed, so that a yearly pattern
 * is no trend; and the seasonal slope, the median of all slopes between values of the same season, per period, with a 95 %
 * interval from their order statistics (Gilbert 1987, section 17.4). */
#ifndef STATS_METHOD_SEASONAL_KENDALL_H
#define STATS_METHOD_SEASONAL_KENDALL_H

#include "stats/method/method.h"

struct seasonal_kendall {
    size_t n;
    double s, variance, z, p, slope;
    bool has_interval; /* of the slope */
    double low, high;
};

/* Needs two cycles (series_has_two_cycles()): TOO_FEW_CYCLES; a season with one value adds nothing. CONSTANT also when every season is constant by itself. */
enum method_reason seasonal_kendall(const struct series *series, struct seasonal_kendall *out);

#endif
