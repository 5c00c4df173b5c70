#include "stats/derived/trend_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics.h>

#include "stats/derived/trend_parts.h"

/* The usable periods of the series alone, so that "last" means the last that counts. */
static struct series usable_part(const struct trend_series *series, struct span usable)
{
    return (struct series){ series->values + usable.first, usable.last - usable.first + 1, series->series.season };
}

static void find_ends(struct trend_test *test)
{
    const struct series *series = &test->of->series;
    test->first = series->n;
    for (size_t i = 0; i < series->n; i++) {
        if (isnan(series->values[i]))
            continue;
        if (test->n++ == 0)
            test->first = i;
        test->last = i;
    }
}

static double factor_of(const struct trend_test *test, bool corrected)
{
    return corrected && test->autocorrelation_reason == METHOD_OK ? fmax(1, test->autocorrelation.factor) : 1;
}

static double trend_p(const struct trend_test *test, bool corrected)
{
    double factor = factor_of(test, corrected);
    if (test->seasonal_reason == METHOD_OK)
        return normal_two_sided(kendall_z(test->seasonal.s, test->seasonal.variance * factor));
    if (test->kendall_reason != METHOD_OK)
        return NAN;
    return factor > 1 ? normal_two_sided(kendall_z(test->kendall.s, test->kendall.variance * factor)) : test->kendall.p;
}

static void test_trend(struct trend_test *test, const struct series *series, const struct series *level, bool corrected)
{
    test->line_reason = theil_sen(series, 0.95, &test->line);
    test->kendall_reason = mann_kendall(series, &test->kendall);
    test->seasonal_reason = seasonal_kendall(series, &test->seasonal);
    test->autocorrelation_reason = hamed_rao(level, &test->autocorrelation);
    test->trend_p = trend_p(test, corrected);
}

/* The same shape, its tests corrected for autocorrelation. Line and step are one question: the smaller p counts twice
 * (Bonferroni). */
static void test_shape(struct trend_test *test, const struct series *series, bool corrected)
{
    test->shape_p = NAN;
    if (test->shape_reason == METHOD_OK && step_or_line(series, factor_of(test, corrected), &test->shape) == METHOD_OK)
        test->shape_p = fmin(1, 2 * fmin(test->shape.line_p, test->shape.step_p));
}

/* Wang, Smith & Hyndman 2006: 1 - var(remainder) / var(seasonal + remainder). */
static double strength_of(const struct stl *stl)
{
    double *both = mem_zalloc(stl->n, sizeof *both);
    for (size_t i = 0; i < stl->n; i++)
        both[i] = stl->seasonal[i] + stl->remainder[i];
    double all = gsl_stats_variance(both, 1, stl->n), rest = gsl_stats_variance(stl->remainder, 1, stl->n);
    free(both);
    return all > 0 ? fmax(0, 1 - rest / all) : 0;
}

static void test_season(struct trend_test *test, const struct series *series)
{
    bool known = test->is_seasonal && test->shape_reason == METHOD_OK && test->shape.has_season;
    test->season_p = known ? test->shape.season_p : NAN;
    test->season_strength = NAN;
    test->season_reason = stl_decompose(series, (struct stl_options){ .robust = true }, &test->season);
    if (test->is_seasonal || test->season_reason == METHOD_OK)
        test->effects = mem_zalloc(series->season, sizeof *test->effects);
    if (known)
        step_or_line_effects(series, &test->shape, test->effects);
    if (test->season_reason != METHOD_OK)
        return;
    test->season_strength = strength_of(&test->season);
    memcpy(test->effects, test->season.seasonal, series->season * sizeof *test->effects);
}

/* Within what the figure can be. */
static double within(const struct trend_series *of, double value)
{
    return fmin(fmax(value, of->lowest), of->highest);
}

static void expect(struct trend_test *test, const struct series *series)
{
    test->last_reason = last_value(series, &test->expected);
    test->expected.expected = within(test->of, test->expected.expected);
    test->expected.low = within(test->of, test->expected.low);
    test->expected.high = within(test->of, test->expected.high);
}

static void forecast(struct trend_test *test, const struct series *series, size_t horizon)
{
    struct holt_winters_request request = { .confidence = 0.95, .horizon = horizon, .damped = true };
    struct holt_winters_fit fit;
    struct series plain = { series->values, series->n, 1 };
    test->forecast_reason = METHOD_GAPS;
    if (isnan(series->values[series->n - 1]))
        return;
    test->forecast = mem_zalloc(horizon, sizeof *test->forecast);
    test->forecast_reason = holt_winters_fit(test->is_seasonal ? series : &plain, &request, &fit, test->forecast);
    for (size_t h = 0; h < horizon && test->forecast_reason == METHOD_OK; h++) {
        struct holt_winters_forecast *f = &test->forecast[h];
        f->mean = within(test->of, f->mean);
        f->low = within(test->of, f->low);
        f->high = within(test->of, f->high);
    }
}

/* The series without its season, a copy where there is none to know. */
static struct series level_of(struct trend_test *test, const struct series *series, double *level)
{
    test->shape_reason = step_or_line(series, 1, &test->shape);
    if (test->shape_reason == METHOD_OK)
        step_or_line_without_season(series, &test->shape, level);
    else
        memcpy(level, series->values, series->n * sizeof *level);
    return (struct series){ level, series->n, 1 };
}

static double middle_of(const struct series *level)
{
    struct points points = points_of(level);
    double middle = points.n ? median_in_place(points.value, points.n) : NAN;
    points_free(&points);
    return middle;
}

void trend_test_run(struct trend_test *test, const struct panel *panel, const struct trend_series *of,
                    const struct derived_spec *spec, struct span usable)
{
    struct series series = usable_part(of, usable);
    double *values = mem_zalloc(series.n, sizeof *values);
    *test = (struct trend_test){ .of = of, .is_seasonal = series_has_two_cycles(&series) };
    struct series level = level_of(test, &series, values);
    find_ends(test);
    test->middle = middle_of(&level);
    trend_compare(panel, of, test->last, &test->on_period, &test->on_year);
    test_season(test, &series);
    test_trend(test, &series, &level, !spec || spec->autocorrelation);
    test_shape(test, &series, !spec || spec->autocorrelation);
    test->change_reason = trend_step_of(&series, &level, &test->shape, &test->change);
    test->change.first_after += usable.first;
    test->change.cusum.last_before += usable.first;
    expect(test, &series);
    test->chart_reason = trend_chart_of(of, usable, &test->chart);
    forecast(test, &series, spec ? spec->horizon : 3);
    free(values);
}

void trend_test_clear(struct trend_test *test)
{
    if (test->season_reason == METHOD_OK)
        stl_free(&test->season);
    free(test->effects);
    free(test->forecast);
}

void trend_season_extremes(const struct trend_test *test, size_t season, size_t *high, size_t *low)
{
    const double *seasonal = test->effects;
    *high = *low = 0;
    for (size_t i = 1; i < season; i++) {
        *high = seasonal[i] > seasonal[*high] ? i : *high;
        *low = seasonal[i] < seasonal[*low] ? i : *low;
    }
}
