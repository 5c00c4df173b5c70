#include "stats/method/pettitt.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"
#include "stats/method/rank.h"

/* The number of values before the change, and K: U(t) = 2 (ranks up to t) - t (n + 1). */
static size_t largest_split(const double *values, size_t n, double *k)
{
    double *ranks = mem_zalloc(n, sizeof *ranks);
    rank_of(values, n, ranks);
    size_t split = 1;
    double sum = 0;
    *k = 0;
    for (size_t t = 1; t < n; t++) {
        sum += ranks[t - 1];
        double u = fabs(2 * sum - (double)t * (double)(n + 1));
        if (u > *k) {
            *k = u;
            split = t;
        }
    }
    free(ranks);
    return split;
}

enum method_reason pettitt(const struct series *series, struct pettitt *out)
{
    enum method_reason reason = series_check(series, 4);
    if (reason != METHOD_OK)
        return reason;
    struct points points = points_of(series);
    struct pettitt test = { .n = points.n };
    size_t split = largest_split(points.value, points.n, &test.k);
    double n = (double)points.n;
    test.p = fmin(1, 2 * exp(-6 * test.k * test.k / (n * n * n + n * n)));
    test.last_before = (size_t)points.time[split - 1];
    test.first_after = (size_t)points.time[split];
    test.median_before = median_in_place(points.value, split);
    test.median_after = median_in_place(points.value + split, points.n - split);
    points_free(&points);
    *out = test;
    return METHOD_OK;
}
