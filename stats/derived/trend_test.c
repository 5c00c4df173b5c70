#include "stats/derived/trend_test.h"

#include <math.h>
#include <stdlib.h>

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

static double trend_p(const struct trend_test *test, bool corrected)
{
    double factor = corrected && test->autocorrelation_reason == METHOD_OK ? fmax(1, test->autocorrelation.factor) : 1;
    if (test->seasonal_reason == METHOD_OK)
        return normal_two_sided(kendall_z(test->seasonal.s, test->seasonal.variance * factor));
    if (test->kendall_reason != METHOD_OK)
        return NAN;
    return factor > 1 ? normal_two_sided(kendall_z(test->kendall.s, test->kendall.variance * factor)) : test->kendall.p;
}

static void test_trend(struct trend_test *test, const struct series *series, const struct series *without_season,
                       bool corrected)
{
    test->line_reason = theil_sen(series, 0.95, &test->line);
    test->kendall_reason = mann_kendall(series, &test->kendall);
    test->seasonal_reason = seasonal_kendall(series, &test->seasonal);
    test->level_reason = theil_sen(without_season, 0.95, &test->level);
    test->autocorrelation_reason = hamed_rao(without_season, &test->autocorrelation);
    test->trend_p = trend_p(test, corrected);
}

static void test_change(struct trend_test *test, const struct series *without_season, struct span usable)
{
    test->change_reason = pettitt(without_season, &test->change);
    if (test->change_reason == METHOD_OK)
        test->change_reason = cusum(without_season, &test->cusum);
    if (test->change_reason != METHOD_OK)
        return;
    test->change.last_before += usable.first;
    test->change.first_after += usable.first;
    test->cusum.last_before += usable.first;
    test->steps = trend_steps_fit_better(without_season, test->change.first_after - usable.first);
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
    test->season_reason = stl_decompose(series, (struct stl_options){ .robust = true }, &test->season);
    if (test->season_reason == METHOD_OK)
        test->season_strength = strength_of(&test->season);
}

static void forecast(struct trend_test *test, const struct series *series, size_t horizon)
{
    struct holt_winters_request request = { .confidence = 0.95, .horizon = horizon, .damped = true };
    struct holt_winters_fit fit;
    struct series plain = { series->values, series->n, 1 };
    test->forecast_reason = isnan(series->values[series->n - 1])
                                ? METHOD_GAPS
                                : holt_winters_fit(test->is_seasonal ? series : &plain, &request, &fit, test->forecast);
    for (size_t h = 0; h < horizon && test->forecast_reason == METHOD_OK; h++) {
        struct holt_winters_forecast *f = &test->forecast[h];
        f->mean = fmin(fmax(f->mean, test->of->lowest), test->of->highest);
        f->low = fmin(fmax(f->low, test->of->lowest), test->of->highest);
        f->high = fmin(fmax(f->high, test->of->lowest), test->of->highest);
    }
}

void trend_test_run(struct trend_test *test, const struct panel *panel, const struct trend_series *of,
                    const struct derived_spec *spec, struct span usable)
{
    struct series series = usable_part(of, usable);
    double *level = mem_zalloc(series.n, sizeof *level);
    *test = (struct trend_test){ .of = of, .is_seasonal = series_has_two_cycles(&series) };
    find_ends(test);
    trend_compare(panel, of, test->last, &test->on_period, &test->on_year);
    test_season(test, &series);
    trend_without_season(&series, test->season_reason == METHOD_OK ? &test->season : NULL, level);
    struct series without_season = { level, series.n, 1 };
    test_trend(test, &series, &without_season, !spec || spec->autocorrelation);
    test_change(test, &without_season, usable);
    test->last_reason = last_value(&series, &test->expected);
    test->chart_reason = trend_chart_of(of, usable, &test->chart);
    forecast(test, &series, spec ? spec->horizon : 3);
    free(level);
}

void trend_test_clear(struct trend_test *test)
{
    if (test->season_reason == METHOD_OK)
        stl_free(&test->season);
}
