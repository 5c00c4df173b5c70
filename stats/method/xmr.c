#include "stats/method/xmr.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_statistics.h>

#include "core/mem.h"

/* Expected mean and median of the range of two standard normal values. */
static const double d2 = 1.128, d4 = 0.954;

static double *moving_ranges(const struct points *points)
{
    double *ranges = mem_zalloc(points->n - 1, sizeof *ranges);
    for (size_t i = 1; i < points->n; i++)
        ranges[i - 1] = fabs(points->value[i] - points->value[i - 1]);
    return ranges;
}

enum method_reason xmr_chart(const struct series *series, bool robust, struct xmr *out)
{
    enum method_reason reason = series_check(series, 4);
    if (reason != METHOD_OK)
        return reason;
    struct points points = points_of(series);
    double *ranges = moving_ranges(&points);
    struct xmr chart = { .n = points.n };
    if (robust) {
        chart.sigma = median_in_place(ranges, points.n - 1) / d4;
        chart.centre = median_in_place(points.value, points.n);
    } else {
        chart.sigma = gsl_stats_mean(ranges, 1, points.n - 1) / d2;
        chart.centre = gsl_stats_mean(points.value, 1, points.n);
    }
    free(ranges);
    points_free(&points);
    if (chart.sigma <= 0)
        return METHOD_CONSTANT;
    chart.low = chart.centre - 3 * chart.sigma;
    chart.high = chart.centre + 3 * chart.sigma;
    if (!isfinite(chart.low) || !isfinite(chart.high))
        return METHOD_OUT_OF_RANGE;
    *out = chart;
    return METHOD_OK;
}
