#include "stats/method/hamed_rao.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"
#include "stats/method/autocorrelation.h"
#include "stats/method/mann_kendall.h"
#include "stats/method/rank.h"
#include "stats/method/theil_sen.h"

/* n / n* of the paper; 1 where nothing is left after the line. */
static double variance_factor(const double *ranks, size_t n)
{
    double *r = mem_zalloc(n, sizeof *r);
    double sum = 0, bound = normal_quantile_of(0.95) / sqrt((double)n);
    if (autocorrelation_of(ranks, n, n - 1, r) == METHOD_OK) {
        for (size_t k = 1; k + 2 < n; k++) {
            double left = (double)(n - k);
            if (fabs(r[k - 1]) > bound)
                sum += left * (left - 1) * (left - 2) * r[k - 1];
        }
    }
    free(r);
    double m = (double)n;
    return 1 + 2 * sum / (m * (m - 1) * (m - 2));
}

static double factor_of(const struct points *points, double slope)
{
    double *rest = mem_zalloc(points->n, sizeof *rest), *ranks = mem_zalloc(points->n, sizeof *ranks);
    for (size_t i = 0; i < points->n; i++)
        rest[i] = points->value[i] - slope * points->time[i];
    rank_of(rest, points->n, ranks);
    double factor = variance_factor(ranks, points->n);
    free(rest);
    free(ranks);
    return factor;
}

enum method_reason hamed_rao(const struct series *series, struct hamed_rao *out)
{
    enum method_reason reason = series_check(series, 10);
    if (reason != METHOD_OK)
        return reason;
    struct theil_sen line;
    reason = theil_sen(series, 0.95, &line);
    if (reason != METHOD_OK)
        return reason;
    struct points points = points_of(series);
    struct kendall_score score = kendall_score_of(points.value, points.n);
    struct hamed_rao test = { .n = points.n, .factor = factor_of(&points, line.slope) };
    points_free(&points);
    test.variance = score.variance * fmax(1, test.factor);
    test.z = kendall_z(score.s, test.variance);
    test.p = normal_two_sided(test.z);
    *out = test;
    return METHOD_OK;
}
