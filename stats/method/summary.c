#include "stats/method/summary.h"

#include <math.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

static double corrected_mean(const double *values, size_t n)
{
    double mean = gsl_stats_mean(values, 1, n);
    long double rest = 0;
    for (size_t i = 0; i < n; i++)
        rest += (long double)values[i] - mean;
    return mean + (double)(rest / n);
}

enum method_reason summary_of(const struct series *series, struct summary *out)
{
    enum method_reason reason = series_check(series, 1);
    if (reason != METHOD_OK && reason != METHOD_CONSTANT)
        return reason;
    struct points points = points_of(series);
    double mean = corrected_mean(points.value, points.n);
    double sd = points.n > 1 ? gsl_stats_sd_m(points.value, 1, points.n, mean) : 0;
    gsl_sort(points.value, 1, points.n);
    struct summary summary = {
        .n = points.n,
        .mean = mean,
        .sd = sd,
        .minimum = points.value[0],
        .lower_quartile = gsl_stats_quantile_from_sorted_data(points.value, 1, points.n, 0.25),
        .median = gsl_stats_median_from_sorted_data(points.value, 1, points.n),
        .upper_quartile = gsl_stats_quantile_from_sorted_data(points.value, 1, points.n, 0.75),
        .maximum = points.value[points.n - 1],
    };
    points_free(&points);
    if (!isfinite(summary.mean) || !isfinite(summary.sd))
        return METHOD_OUT_OF_RANGE;
    *out = summary;
    return METHOD_OK;
}
