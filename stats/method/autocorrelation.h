/* Sample autocorrelation (Box & Jenkins 1976): r(k) = sum (y[t] - m)(y[t+k] - m) / sum (y[t] - m)^2. */
#ifndef STATS_METHOD_AUTOCORRELATION_H
#define STATS_METHOD_AUTOCORRELATION_H

#include "stats/method/method.h"

/* r(1) .. r(lags) of n finite values, lags < n, into out[0..lags). CONSTANT, TOO_SHORT. */
enum method_reason autocorrelation_of(const double *values, size_t n, size_t lags, double *out);

#endif
