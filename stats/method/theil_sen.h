/* Theil-Sen line: the median of the slopes between all pairs of values (Theil 1950, Sen 1968), with the distribution-free
 * interval from the order statistics of the slopes (Hollander & Wolfe 1973, section 9.3): exact ranks below 50 values without
 * ties, else by the normal approximation with the tie-corrected variance. The line goes through the median of
 * value - slope × period (Conover 1980). */
#ifndef STATS_METHOD_THEIL_SEN_H
#define STATS_METHOD_THEIL_SEN_H

#include "stats/method/method.h"

struct theil_sen {
    size_t n;
    double slope, intercept; /* per period; at period 0 */
    bool has_interval;       /* false: too few values for an interval of this confidence */
    double low, high;
};

/* Needs 2 values; missing periods keep their distance in time. A constant series has slope 0 and the interval [0, 0].
 * EMPTY, TOO_SHORT, OUT_OF_RANGE. */
enum method_reason theil_sen(const struct series *series, double confidence, struct theil_sen *out);

#endif
