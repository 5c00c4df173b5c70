/* Locally weighted regression on a regular grid (Cleveland 1979), as STL uses it: tricube weights over the `span` nearest
 * points, a local constant (degree 0) or line (degree 1), every `jump`-th value fitted and the rest interpolated. */
#ifndef STATS_METHOD_LOESS_H
#define STATS_METHOD_LOESS_H

#include <stdbool.h>
#include <stddef.h>

struct loess {
    size_t span; /* points that weigh in; may be larger than n, which widens the bandwidth */
    int degree;  /* 0 or 1 */
    size_t jump; /* at least 1 */
};

/* A series of n values; `weights` (robustness) may be NULL. */
struct loess_data {
    const double *values, *weights;
    size_t n;
};

/* The fit at place x (first value: 1) from the points left .. right (from 1), into `fit`; false if no point weighs. */
bool loess_at(const struct loess *loess, const struct loess_data *data, double x, const size_t window[2], double *fit);
/* The fit at every place into out[0..n). */
void loess_smooth(const struct loess *loess, const struct loess_data *data, double *out);

#endif
