#include "stats/derived/trend_sheet.h"

#include <math.h>

#include "stats/derived/sheet.h"

static const struct sheet_column figure_column[] = {
    { "figure", SHEET_DIMENSION, 0, "cases, share (of the group's cases), cases_per_… or a published figure." }, { 0 }
};

static const struct sheet_column level_columns[] = {
    { "periods", SHEET_COUNT, 0, "Periods with a value; what is not published is missing, not zero." },
    { "first_period", SHEET_TEXT, 0, "The first of them." },
    { "last_period", SHEET_TEXT, 0, "The last of them." },
    { "last", SHEET_NUMBER, 4, "The value of the last period." },
    { "previous", SHEET_NUMBER, 4, "The value of the period before it." },
    { "change", SHEET_NUMBER, 4, "last - previous." },
    { "change_percent", SHEET_NUMBER, 2, "The same in percent of previous." },
    { "change_low", SHEET_NUMBER, 4, "Lower end of the change's 95 % interval, for shares and means with sd." },
    { "change_high", SHEET_NUMBER, 4, "Upper end of it." },
    { "change_p", SHEET_P, 0, "Two-sided p of the change (two proportions; Welch)." },
    { "year_before", SHEET_NUMBER, 4, "The value of the same period a year earlier." },
    { "year_change", SHEET_NUMBER, 4, "last - year_before." },
    { "year_change_percent", SHEET_NUMBER, 2, "The same in percent of year_before." },
    { "year_change_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval." },
    { "year_change_high", SHEET_NUMBER, 4, "Upper end of it." },
    { "year_change_p", SHEET_P, 0, "Its two-sided p." },
    { 0 },
};

static const struct sheet_column trend_columns[] = {
    { "slope", SHEET_NUMBER, 6, "Theil-Sen slope per period." },
    { "slope_low", SHEET_NUMBER, 6, "Lower end of its 95 % interval." },
    { "slope_high", SHEET_NUMBER, 6, "Upper end of it." },
    { "kendall_s", SHEET_NUMBER, 0, "Mann-Kendall S." },
    { "kendall_variance", SHEET_NUMBER, 3, "Its variance, corrected for ties." },
    { "kendall_z", SHEET_NUMBER, 4, "Its Z with continuity correction." },
    { "kendall_p", SHEET_P, 0, "Its two-sided p, exact below 50 values without ties." },
    { "kendall_tau", SHEET_NUMBER, 4, "Kendall's tau-b with time." },
    { "seasonal_s", SHEET_NUMBER, 0, "Seasonal Kendall S, from two full cycles." },
    { "seasonal_variance", SHEET_NUMBER, 3, "Its variance." },
    { "seasonal_z", SHEET_NUMBER, 4, "Its Z." },
    { "seasonal_p", SHEET_P, 0, "Its two-sided p." },
    { "seasonal_slope", SHEET_NUMBER, 6, "Median slope between the same seasons, per period." },
    { "seasonal_slope_low", SHEET_NUMBER, 6, "Lower end of its 95 % interval." },
    { "seasonal_slope_high", SHEET_NUMBER, 6, "Upper end of it." },
    { "autocorrelation_factor", SHEET_NUMBER, 4, "Hamed-Rao factor of the variance, after the season is taken out." },
    { "trend_test", SHEET_TEXT, 0, "The test behind trend_p." },
    { "trend_p", SHEET_P, 0, "Two-sided p of a trend: seasonal where possible, corrected for autocorrelation." },
    { "trend_p_adjusted", SHEET_P, 0, "trend_p after Benjamini-Hochberg over all series of the table." },
    { "trend_reason", SHEET_TEXT, 0, "Why there is no test of a trend." },
    { "shape", SHEET_TEXT, 0,
      "line or step: which describes the series better beside its season (least squares, Schwarz)." },
    { "shape_p", SHEET_P, 0, "p of either by regression, corrected for autocorrelation and for the choice." },
    { 0 },
};

static const struct sheet_column change_columns[] = {
    { "change_point", SHEET_TEXT, 0,
      "The first period of the new level: Pettitt's; with a known season that of the best step beside it." },
    { "level_before", SHEET_NUMBER, 4, "Median before it, the season taken out." },
    { "level_after", SHEET_NUMBER, 4, "Median from it on." },
    { "change_point_p", SHEET_P, 0, "p of Pettitt's test, within the seasons where they are known." },
    { "change_point_p_adjusted", SHEET_P, 0, "The same after Benjamini-Hochberg over all series of the table." },
    { "cusum", SHEET_NUMBER, 4, "Largest absolute sum of deviations from the mean." },
    { "cusum_period", SHEET_TEXT, 0, "The period at which it is reached: the last of the old level." },
    { "cusum_p", SHEET_P, 0, "Its p; empty where a season had to be estimated." },
    { "change_point_reason", SHEET_TEXT, 0, "Why there is no test of a change." },
    { 0 },
};

static const struct sheet_column season_columns[] = {
    { "season_high", SHEET_TEXT, 0,
      "The part of the year with the highest seasonal value: by STL, with gaps by least squares." },
    { "season_low", SHEET_TEXT, 0, "The part of the year with the lowest." },
    { "season_range", SHEET_NUMBER, 4, "Their distance." },
    { "season_strength", SHEET_NUMBER, 4,
      "0: no season, 1: nothing but season and trend (Wang, Smith & Hyndman 2006)." },
    { "season_p", SHEET_P, 0, "p of equal seasons beside the trend or step (F)." },
    { "season_p_adjusted", SHEET_P, 0, "The same after Benjamini-Hochberg over all series of the table." },
    { "season_reason", SHEET_TEXT, 0, "Why there is no decomposition by STL (trends/<table>_parts.csv)." },
    { 0 },
};

static const struct sheet_column last_columns[] = {
    { "expected", SHEET_NUMBER, 4, "What the earlier periods let expect of the last." },
    { "expected_low", SHEET_NUMBER, 4, "Lower three-sigma limit of that." },
    { "expected_high", SHEET_NUMBER, 4, "Upper three-sigma limit of that." },
    { "expected_basis", SHEET_TEXT, 0, "seasonal, level or ranges: what the earlier periods allowed." },
    { "expected_outliers", SHEET_COUNT, 0, "Earlier outliers that were kept out." },
    { "expected_p", SHEET_P, 0, "Two-sided p of the last value." },
    { "expected_p_adjusted", SHEET_P, 0, "The same after Benjamini-Hochberg over all series of the table." },
    { "expected_reason", SHEET_TEXT, 0, "Why nothing can be expected." },
    { "chart", SHEET_TEXT, 0, "Control chart of the last period: p, u or xmr." },
    { "chart_centre", SHEET_NUMBER, 4, "Its centre line, from the earlier periods." },
    { "chart_low", SHEET_NUMBER, 4, "Its lower limit." },
    { "chart_high", SHEET_NUMBER, 4, "Its upper limit." },
    { "chart_dispersion", SHEET_NUMBER, 4, "Laney's sigma z of p and u: above 1 the limits are widened by it." },
    { "chart_signal", SHEET_TEXT, 0, "above, below or within." },
    { "chart_reason", SHEET_TEXT, 0, "Why there is no chart." },
    { "forecast_reason", SHEET_TEXT, 0, "Why there is no forecast." },
    { "warning", SHEET_TEXT, 0,
      "end_falls_off, beginning_incomplete: those periods look like a cut extract and are left out." },
    { 0 },
};

static void put_period(struct sheet *sheet, const struct panel *panel, size_t period)
{
    char label[16];
    panel_period(panel, period, label);
    sheet_text(sheet, label);
}

static void put_season(struct sheet *sheet, const struct panel *panel, size_t period)
{
    char label[16];
    panel_season(panel, period, label);
    sheet_text(sheet, label);
}

static void put_change(struct sheet *sheet, const struct trend_change *change)
{
    enum { CELLS = 6 };
    if (!change->present) {
        sheet_skip(sheet, CELLS);
        return;
    }
    sheet_numbers(sheet, (double[]){ change->earlier, change->change, change->percent }, 3);
    if (change->tested)
        sheet_numbers(sheet, (double[]){ change->low, change->high, change->p }, 3);
    else
        sheet_skip(sheet, 3);
}

static void put_level(struct sheet *sheet, const struct panel *panel, const struct trend_test *test)
{
    sheet_count(sheet, test->n);
    put_period(sheet, panel, test->first);
    put_period(sheet, panel, test->last);
    sheet_number(sheet, test->of->values[test->last]);
    put_change(sheet, &test->on_period);
    put_change(sheet, &test->on_year);
}

static void put_kendall(struct sheet *sheet, const struct trend_test *test)
{
    const struct mann_kendall *kendall = &test->kendall;
    const struct seasonal_kendall *seasonal = &test->seasonal;
    if (test->kendall_reason == METHOD_OK)
        sheet_numbers(sheet, (double[]){ kendall->s, kendall->variance, kendall->z, kendall->p, kendall->tau }, 5);
    else
        sheet_skip(sheet, 5);
    if (test->seasonal_reason == METHOD_OK) {
        sheet_numbers(sheet, (double[]){ seasonal->s, seasonal->variance, seasonal->z, seasonal->p, seasonal->slope },
                      5);
        sheet_number(sheet, seasonal->has_interval ? seasonal->low : NAN);
        sheet_number(sheet, seasonal->has_interval ? seasonal->high : NAN);
    } else {
        sheet_skip(sheet, 7);
    }
}

static const char *test_name(const struct trend_test *test)
{
    if (isnan(test->trend_p))
        return "";
    return test->seasonal_reason == METHOD_OK ? "seasonal_kendall" : "mann_kendall";
}

static void put_trend(struct sheet *sheet, const struct trend_test *test)
{
    bool line = test->line_reason == METHOD_OK, interval = line && test->line.has_interval;
    sheet_number(sheet, line ? test->line.slope : NAN);
    sheet_number(sheet, interval ? test->line.low : NAN);
    sheet_number(sheet, interval ? test->line.high : NAN);
    put_kendall(sheet, test);
    sheet_number(sheet, test->autocorrelation_reason == METHOD_OK ? test->autocorrelation.factor : NAN);
    sheet_text(sheet, test_name(test));
    sheet_number(sheet, test->trend_p);
    sheet_number(sheet, test->trend_p_adjusted);
    sheet_text(sheet, isnan(test->trend_p) ? method_reason_name(test->kendall_reason) : "");
    sheet_text(sheet, test->shape_reason != METHOD_OK ? "" : test->shape.is_step ? "step" : "line");
    sheet_number(sheet, test->shape_p);
}

static void put_change_point(struct sheet *sheet, const struct panel *panel, const struct trend_test *test)
{
    enum { CELLS = 8 };
    if (test->change_reason == METHOD_OK) {
        put_period(sheet, panel, test->change.first_after);
        sheet_numbers(sheet,
                      (double[]){ test->change.before, test->change.after, test->change.p, test->change_p_adjusted,
                                  test->change.cusum.largest },
                      5);
        put_period(sheet, panel, test->change.cusum.last_before);
        sheet_number(sheet, test->change.cusum.p);
    } else {
        sheet_skip(sheet, CELLS);
    }
    sheet_text(sheet, method_reason_name(test->change_reason));
}

static void put_season_parts(struct sheet *sheet, const struct trend_view *view, const struct trend_test *test)
{
    enum { CELLS = 6 };
    if (!isnan(test->season_p)) {
        size_t high, low;
        trend_season_extremes(test, view->panel->season, &high, &low);
        put_season(sheet, view->panel, view->usable->span.first + high);
        put_season(sheet, view->panel, view->usable->span.first + low);
        sheet_number(sheet, test->effects[high] - test->effects[low]);
        sheet_numbers(sheet, (double[]){ test->season_strength, test->season_p, test->season_p_adjusted }, 3);
    } else {
        sheet_skip(sheet, CELLS);
    }
    sheet_text(sheet, method_reason_name(test->season_reason));
}

static void put_expected(struct sheet *sheet, const struct trend_test *test)
{
    static const char *const bases[] = {
        [LAST_VALUE_SEASONAL] = "seasonal", [LAST_VALUE_LEVEL] = "level", [LAST_VALUE_RANGES] = "ranges"
    };
    enum { CELLS = 7 };
    const struct last_value *expected = &test->expected;
    if (test->last_reason == METHOD_OK) {
        sheet_numbers(sheet, (double[]){ expected->expected, expected->low, expected->high }, 3);
        sheet_text(sheet, bases[expected->basis]);
        sheet_count(sheet, expected->outliers);
        sheet_number(sheet, expected->p);
        sheet_number(sheet, test->last_p_adjusted);
    } else {
        sheet_skip(sheet, CELLS);
    }
    sheet_text(sheet, method_reason_name(test->last_reason));
}

static void put_chart(struct sheet *sheet, const struct trend_view *view, const struct trend_test *test)
{
    enum { CELLS = 6 };
    const struct trend_chart *chart = &test->chart;
    if (test->chart_reason == METHOD_OK) {
        double value = test->of->values[view->usable->span.last];
        sheet_text(sheet, chart->name);
        sheet_numbers(sheet, (double[]){ chart->centre, chart->low, chart->high, chart->dispersion }, 4);
        sheet_text(sheet, value > chart->high ? "above" : value < chart->low ? "below" : "within");
    } else {
        sheet_skip(sheet, CELLS);
    }
    sheet_text(sheet, method_reason_name(test->chart_reason));
}

static void put_key(struct sheet *sheet, const struct trend_view *view, const struct trend_test *test)
{
    sheet_labels(sheet, view->panel, test->of->line);
    sheet_text(sheet, test->of->figure);
}

void trend_sheet_write(struct release *to, const struct trend_view *view)
{
    const struct sheet_column *const blocks[] = { figure_column,  level_columns,  trend_columns,
                                                  change_columns, season_columns, last_columns };
    struct sheet sheet;
    sheet_init(&sheet, to);
    sheet_add_dimensions(&sheet, view->panel);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        sheet_add_columns(&sheet, blocks[i]);
    sheet_open(&sheet, "trends", view->panel->table, "", "Every series over the periods");
    for (size_t i = 0; i < view->count; i++) {
        const struct trend_test *test = &view->tests[i];
        put_key(&sheet, view, test);
        put_level(&sheet, view->panel, test);
        put_trend(&sheet, test);
        put_change_point(&sheet, view->panel, test);
        put_season_parts(&sheet, view, test);
        put_expected(&sheet, test);
        put_chart(&sheet, view, test);
        sheet_text(&sheet, method_reason_name(test->forecast_reason));
        sheet_text(&sheet, trend_usable_warning(view->usable));
        sheet_end_row(&sheet);
    }
    sheet_close(&sheet);
}

static const struct sheet_column part_columns[] = {
    { "period", SHEET_DIMENSION, 0, "The period." },
    { "value", SHEET_NUMBER, 4, "The value: trend + seasonal + remainder." },
    { "trend", SHEET_NUMBER, 4, "Smooth trend (STL, robust)." },
    { "seasonal", SHEET_NUMBER, 4, "Seasonal part, the same every year." },
    { "remainder", SHEET_NUMBER, 4, "What is left." },
    { "weight", SHEET_NUMBER, 4, "Robustness weight: 0 an outlier, 1 an ordinary value." },
    { 0 },
};

void trend_sheet_write_parts(struct release *to, const struct trend_view *view)
{
    struct sheet sheet;
    sheet_init(&sheet, to);
    sheet_add_dimensions(&sheet, view->panel);
    sheet_add_columns(&sheet, figure_column);
    sheet_add_columns(&sheet, part_columns);
    sheet_open(&sheet, "trends", view->panel->table, "_parts", "Seasonal decomposition of the series");
    for (size_t i = 0; i < view->count; i++) {
        const struct trend_test *test = &view->tests[i];
        for (size_t p = 0; test->season_reason == METHOD_OK && p < test->season.n; p++) {
            const struct stl *stl = &test->season;
            put_key(&sheet, view, test);
            put_period(&sheet, view->panel, view->usable->span.first + p);
            sheet_numbers(&sheet,
                          (double[]){ test->of->values[view->usable->span.first + p], stl->trend[p], stl->seasonal[p],
                                      stl->remainder[p], stl->weights[p] },
                          5);
            sheet_end_row(&sheet);
        }
    }
    sheet_close(&sheet);
}

static const struct sheet_column forecast_columns[] = {
    { "period", SHEET_DIMENSION, 0, "The period that is forecast." },
    { "ahead", SHEET_COUNT, 0, "How many periods after the last that counts." },
    { "forecast", SHEET_NUMBER, 4, "Damped Holt-Winters, its parameters averaged by likelihood." },
    { "forecast_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval." },
    { "forecast_high", SHEET_NUMBER, 4, "Upper end of it." },
    { 0 },
};

void trend_sheet_write_forecast(struct release *to, const struct trend_view *view)
{
    struct sheet sheet;
    sheet_init(&sheet, to);
    sheet_add_dimensions(&sheet, view->panel);
    sheet_add_columns(&sheet, figure_column);
    sheet_add_columns(&sheet, forecast_columns);
    sheet_open(&sheet, "trends", view->panel->table, "_forecast", "The next periods of the series");
    for (size_t i = 0; i < view->count; i++) {
        const struct trend_test *test = &view->tests[i];
        for (size_t h = 0; test->forecast_reason == METHOD_OK && h < view->horizon; h++) {
            put_key(&sheet, view, test);
            put_period(&sheet, view->panel, view->usable->span.last + 1 + h);
            sheet_count(&sheet, h + 1);
            sheet_numbers(&sheet, (double[]){ test->forecast[h].mean, test->forecast[h].low, test->forecast[h].high },
                          3);
            sheet_end_row(&sheet);
        }
    }
    sheet_close(&sheet);
}
