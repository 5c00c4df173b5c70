/* Mean, standard deviation (n - 1), quartiles and extremes of the present values. The mean is corrected by the mean of
 * the deviations (two passes), so that it holds for numbers that differ in their last digits only (NIST StRD). Quartiles
 * interpolate linearly (Hyndman & Fan 1996, type 7). */
#ifndef STATS_METHOD_SUMMARY_H
#define STATS_METHOD_SUMMARY_H

#include "stats/method/method.h"

struct summary {
    size_t n;
    double mean, sd; /* sd is 0 for n = 1 */
    double minimum, lower_quartile, median, upper_quartile, maximum;
};

/* EMPTY, OUT_OF_RANGE. */
enum method_reason summary_of(const struct series *series, struct summary *out);

#endif
