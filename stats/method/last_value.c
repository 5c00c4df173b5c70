#include "stats/method/last_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/mem.h"
#include "stats/method/holt_winters_fit.h"
#include "stats/method/stl.h"
#include "stats/method/theil_sen.h"
#include "stats/method/xmr.h"

static const double three_sigma = 0.9973002039367398;
/* In median distances, 1.5 of which are a standard deviation: gross outliers only, for with ten values a lower limit drops
 * good ones and then trusts the rest too much. STL follows its values closely, which makes them small,
 * and needs three cycles to tell an outlier from a season. */
enum { LINE_LIMIT = 15, STL_LIMIT = 20, STL_CYCLES = 3, HOLT_WINTERS_MINIMUM = 8 };

/* Marks as missing the values whose distance is above `times` the median distance. */
static void drop_distant(double *values, const double *distance, const struct points *points, double times)
{
    double *sorted = mem_zalloc(points->n, sizeof *sorted);
    memcpy(sorted, distance, points->n * sizeof *sorted);
    double limit = times * median_in_place(sorted, points->n);
    for (size_t i = 0; i < points->n && limit > 0; i++)
        if (distance[i] > limit)
            values[(size_t)points->time[i]] = NAN;
    free(sorted);
}

/* By the remainder of robust STL, where it has an answer. */
static void drop_by_stl(const struct series *series, double *values)
{
    struct stl stl;
    if (stl_decompose(series, (struct stl_options){ .robust = true }, &stl) != METHOD_OK)
        return;
    struct points points = points_of(series);
    for (size_t i = 0; i < points.n; i++)
        stl.remainder[i] = fabs(stl.remainder[i]);
    drop_distant(values, stl.remainder, &points, STL_LIMIT);
    points_free(&points);
    stl_free(&stl);
}

static void drop_by_line(const struct series *series, double *values)
{
    struct theil_sen line;
    if (theil_sen(series, 0.95, &line) != METHOD_OK)
        return;
    struct points points = points_of(series);
    double *distance = mem_zalloc(points.n, sizeof *distance);
    for (size_t i = 0; i < points.n; i++)
        distance[i] = fabs(points.value[i] - line.intercept - line.slope * points.time[i]);
    drop_distant(values, distance, &points, LINE_LIMIT);
    free(distance);
    points_free(&points);
}

/* Two-sided p of the value by the forecast's own t distribution: its half width at three sigma gives the scale. */
static double p_by_t(const struct holt_winters_forecast *forecast, size_t degrees_of_freedom, double value)
{
    double df = (double)degrees_of_freedom, quantile = gsl_cdf_tdist_Qinv((1 - three_sigma) / 2, df);
    double scale = (forecast->high - forecast->mean) / quantile;
    return fmin(1, 2 * gsl_cdf_tdist_Q(fabs(value - forecast->mean) / scale, df));
}

static enum method_reason by_forecast(const struct series *earlier, double value, struct last_value *out)
{
    struct holt_winters_request request = { .confidence = three_sigma, .horizon = 1, .damped = true };
    struct holt_winters_forecast forecast;
    struct holt_winters_fit fit;
    enum method_reason reason = holt_winters_fit(earlier, &request, &fit, &forecast);
    if (reason != METHOD_OK)
        return reason;
    if (!(forecast.high > forecast.low))
        return METHOD_NO_FIT;
    out->basis = earlier->season > 1 ? LAST_VALUE_SEASONAL : LAST_VALUE_LEVEL;
    out->expected = forecast.mean;
    out->low = forecast.low;
    out->high = forecast.high;
    out->p = p_by_t(&forecast, fit.degrees_of_freedom, value);
    return METHOD_OK;
}

static enum method_reason by_ranges(const struct series *earlier, double value, struct last_value *out)
{
    struct xmr chart;
    enum method_reason reason = xmr_chart(earlier, true, &chart);
    if (reason != METHOD_OK)
        return reason;
    /* the median's own error, and few degrees of freedom behind a median of overlapping ranges */
    double n = (double)chart.n, df = (n - 1) / 2, scale = chart.sigma * sqrt(1 + 1.5708 / n);
    double half = gsl_cdf_tdist_Qinv((1 - three_sigma) / 2, df) * scale;
    out->basis = LAST_VALUE_RANGES;
    out->expected = chart.centre;
    out->low = chart.centre - half;
    out->high = chart.centre + half;
    out->p = fmin(1, 2 * gsl_cdf_tdist_Q(fabs(value - chart.centre) / scale, df));
    return METHOD_OK;
}

static bool has_cycles(const struct series *series, size_t cycles)
{
    return series->season > 1 && series_has_two_cycles(series) && series->n >= cycles * series->season;
}

/* The seasonal expectation, without outliers where that leaves two values in every season. */
static enum method_reason by_season(const struct series *earlier, double *values, struct last_value *out)
{
    struct series kept = { values, earlier->n, earlier->season };
    memcpy(values, earlier->values, earlier->n * sizeof *values);
    if (has_cycles(earlier, STL_CYCLES))
        drop_by_stl(earlier, values);
    if (!series_has_two_cycles(&kept))
        memcpy(values, earlier->values, earlier->n * sizeof *values);
    out->n = series_present(&kept);
    return by_forecast(&kept, out->value, out);
}

static enum method_reason by_level(const struct series *earlier, double *values, struct last_value *out)
{
    struct series kept = { values, earlier->n, 1 };
    memcpy(values, earlier->values, earlier->n * sizeof *values);
    drop_by_line(&kept, values);
    out->n = series_present(&kept);
    enum method_reason reason = METHOD_TOO_SHORT;
    if (out->n >= HOLT_WINTERS_MINIMUM)
        reason = by_forecast(&kept, out->value, out);
    return reason == METHOD_OK ? reason : by_ranges(&kept, out->value, out);
}

enum method_reason last_value(const struct series *series, struct last_value *out)
{
    if (series->n == 0)
        return METHOD_EMPTY;
    double value = series->values[series->n - 1];
    if (isnan(value))
        return METHOD_GAPS;
    if (isinf(value))
        return METHOD_OUT_OF_RANGE;
    struct series earlier = { series->values, series->n - 1, series->season };
    enum method_reason reason = series_check(&earlier, 4);
    if (reason != METHOD_OK)
        return reason;
    double *values = mem_zalloc(earlier.n, sizeof *values);
    struct last_value found = { .value = value };
    reason = METHOD_TOO_FEW_CYCLES;
    if (has_cycles(&earlier, 2))
        reason = by_season(&earlier, values, &found);
    if (reason != METHOD_OK)
        reason = by_level(&earlier, values, &found);
    found.outliers = series_present(&earlier) - found.n;
    free(values);
    if (reason == METHOD_OK)
        *out = found;
    return reason;
}
