/* Trends, decomposition, forecasts and drivers of a made release. */
#include "tests/unit/stats/derived/made_release.h"

#include "stats/derived/trend_parts.h"

static struct made made;

/* Groups of about 100 and 200 cases with a yearly pattern; chat of alpha doubles in March 2025. */
static void fill(size_t months)
{
    made = (struct made){ .months = months, .groups = 2, .categories = 2 };
    for (size_t m = 0; m < months; m++) {
        for (size_t g = 0; g < 2; g++) {
            for (size_t c = 0; c < 2; c++) {
                double season = 1 + 0.3 * sin(2 * M_PI * (double)m / 12),
                       noise = (double)((m * 7 + g * 3 + c * 5) % 11) - 5;
                double level = g == 0 && c == 0 && m >= 14 ? 100 : 50;
                made.cells[m][g][c] =
                    (struct made_cell){ round(level * (double)(g + 1) * season + noise), 3 + 0.02 * (double)m };
            }
        }
    }
}

static struct release *derived(void)
{
    struct release *release = made_release(&made);
    derive_tables(release, &made_config);
    return release;
}

static void break_trend_and_season(void **state)
{
    (void)state;
    fill(26);
    struct release *release = derived();
    const struct released_table *table = made_table(release, "trends", "channels");
    size_t row = MADE_FIND(table, "brand", "alpha", "channel", "chat", "figure", "cases");
    assert_string_equal(made_text(table, row, "shape"), "step");
    assert_string_equal(made_text(table, row, "change_point"), "2025-03");
    assert_near(made_number(table, row, "level_before"), 50, 8);
    assert_near(made_number(table, row, "level_after"), 100, 15);
    assert_true(made_number(table, row, "change_point_p") < 0.05);
    assert_true(made_number(table, row, "shape_p") < 1e-4);
    row = MADE_FIND(table, "brand", "beta", "channel", "(total)", "figure", "cases");
    assert_string_equal(made_text(table, row, "season_high"), "04");
    assert_string_equal(made_text(table, row, "season_low"), "10");
    assert_true(made_number(table, row, "season_p") <= 1e-6);
    row = MADE_FIND(table, "brand", "beta", "channel", "mail", "figure", "score_mean");
    assert_near(made_number(table, row, "slope"), 0.02, 1e-9);
    assert_near(made_number(table, row, "seasonal_slope"), 0.02, 1e-9);
    assert_string_equal(made_text(table, row, "trend_test"), "seasonal_kendall");
    release_free(release);
}

static void last_and_changes(void **state)
{
    (void)state;
    fill(26);
    made.cells[25][1][1].cases = 400; /* expected about 130 */
    struct release *release = derived();
    const struct released_table *table = made_table(release, "trends", "channels");
    size_t row = MADE_FIND(table, "brand", "beta", "channel", "mail", "figure", "cases");
    assert_string_equal(made_text(table, row, "last_period"), "2026-02");
    assert_near(made_number(table, row, "last"), 400, 0);
    assert_near(made_number(table, row, "previous"), made.cells[24][1][1].cases, 0);
    assert_near(made_number(table, row, "year_before"), made.cells[13][1][1].cases, 0);
    assert_near(made_number(table, row, "change_percent"), 100 * (400 / made.cells[24][1][1].cases - 1), 1e-9);
    assert_string_equal(made_text(table, row, "expected_basis"), "seasonal");
    assert_near(made_number(table, row, "expected"), 120, 25);
    assert_true(made_number(table, row, "expected_p") < 1e-4);
    assert_string_equal(made_text(table, row, "chart"), "u");
    assert_string_equal(made_text(table, row, "chart_signal"), "above");
    row = MADE_FIND(table, "brand", "beta", "channel", "mail", "figure", "share");
    assert_string_equal(made_text(table, row, "chart"), "p");
    assert_true(made_number(table, row, "change_p") <= 1e-6);
    assert_true(made_number(table, row, "change_low") < made_number(table, row, "change"));
    release_free(release);
}

/* The parts add up in every period, the forecast follows the last. */
static void parts_and_forecast(void **state)
{
    (void)state;
    fill(26);
    struct release *release = derived();
    const struct released_table *parts = made_table(release, "trends", "channels_parts");
    assert_true(released_row_count(parts) > 26 * 10);
    for (size_t row = 0; row < released_row_count(parts); row++)
        assert_near(made_number(parts, row, "trend") + made_number(parts, row, "seasonal") +
                        made_number(parts, row, "remainder"),
                    made_number(parts, row, "value"), 1e-9);
    const struct released_table *forecast = made_table(release, "trends", "channels_forecast");
    size_t row = MADE_FIND(forecast, "brand", "beta", "channel", "(total)", "figure", "cases", "period", "2026-03");
    assert_near(made_number(forecast, row, "forecast"), 200 * (1 + 0.3 * sin(2 * M_PI * 2 / 12)), 15);
    assert_true(made_number(forecast, row, "forecast_low") < made_number(forecast, row, "forecast"));
    assert_int_equal(MADE_FIND(forecast, "period", "2026-06"), SIZE_MAX);
    row = MADE_FIND(forecast, "brand", "beta", "channel", "mail", "figure", "score_mean", "period", "2026-05");
    assert_true(made_number(forecast, row, "forecast_high") <= 5); /* a score stays a score */
    release_free(release);
}

/* The end falls off: trends end before it, and every row says so. */
static void artefact(void **state)
{
    (void)state;
    fill(14);
    for (size_t m = 11; m < 14; m++)
        for (size_t g = 0; g < 2; g++)
            for (size_t c = 0; c < 2; c++)
                made.cells[m][g][c].cases = 3;
    struct release *release = derived();
    const struct released_table *table = made_table(release, "trends", "channels");
    size_t row = MADE_FIND(table, "brand", "(total)", "channel", "(total)", "figure", "cases");
    assert_string_equal(made_text(table, row, "warning"), "end_falls_off");
    assert_string_equal(made_text(table, row, "last_period"), "2024-11");
    const struct released_table *findings = made_table(release, "", "findings");
    assert_string_equal(made_text(findings, 0, "kind"), "artefact_end");
    assert_string_equal(made_text(findings, 0, "period"), "2024-12");
    assert_non_null(strstr(made_text(findings, 0, "english"), "falls off after 2024-11"));
    release_free(release);
}

/* What cannot be said has its reason, and no cell holds a number gone wrong. */
static void short_and_empty(void **state)
{
    (void)state;
    for (size_t months = 1; months <= 5; months++) {
        fill(months);
        for (size_t m = 0; m < months; m++)
            made.cells[m][1][1] = (struct made_cell){ 7, 3 }; /* constant */
        struct release *release = derived();
        const struct released_table *table = made_table(release, "trends", "channels");
        size_t row = MADE_FIND(table, "brand", "beta", "channel", "mail", "figure", "cases");
        assert_string_equal(made_text(table, row, "trend_reason"), months < 3 ? "too_short" : "constant");
        assert_string_equal(made_text(table, row, "season_reason"), months == 1 ? "constant" : "constant");
        for (size_t t = 0; t < release_table_count(release); t++) {
            const struct released_table *any = release_table(release, t);
            for (size_t r = 0; r < released_row_count(any); r++)
                for (size_t c = 0; c < released_column_count(any); c++)
                    if (released_value(any, r, c).present && released_column(any, c)->type == RELEASED_DECIMAL)
                        assert_true(isfinite(released_value(any, r, c).decimal));
        }
        release_free(release);
    }
}

/* Quarters with holes: two in three seasons, but too few for a step beside them. */
static void too_few_for_a_step(void **state)
{
    (void)state;
    const double values[18] = { 14, 10, NAN, NAN, NAN, 8, NAN, 6, NAN, NAN, NAN, 9, 13, NAN, 15, NAN, NAN, NAN };
    const struct series series = { values, 18, 4 }, level = { values, 18, 1 };
    const struct step_or_line none = { 0 };
    struct trend_step step;
    assert_int_equal(trend_step_of(&series, &level, &none, &step), METHOD_TOO_SHORT);
}

static double sum_of(const struct released_table *table, const char *divided_by, const char *figure,
                     const char *channel, const char *column)
{
    double sum = 0;
    for (size_t row = 0; row < released_row_count(table); row++) {
        bool fits = !strcmp(made_text(table, row, "divided_by"), divided_by) &&
                    !strcmp(made_text(table, row, "figure"), figure) &&
                    !strcmp(made_text(table, row, "comparison"), "period") &&
                    !strcmp(made_text(table, row, "channel"), channel);
        sum += fits ? made_number(table, row, column) : 0;
    }
    return sum;
}

/* Contributions add up to the change of the total, also where a group is withheld. */
static void drivers(void **state)
{
    (void)state;
    fill(3);
    made.cells[2][1][1] = (struct made_cell){ -90, 4 };
    double before = 0, after = 0, chat[2] = { 0, 0 }, score[2] = { 0, 0 };
    for (size_t g = 0; g < 2; g++) {
        for (size_t c = 0; c < 2; c++) {
            const struct made_cell *cells[2] = { &made.cells[1][g][c], &made.cells[2][g][c] };
            before += cells[0]->cases;
            after += fabs(cells[1]->cases);
            for (int side = 0; side < 2; side++) {
                chat[side] += c == 0 ? cells[side]->cases : 0;
                score[side] += fabs(cells[side]->cases) * cells[side]->mean;
            }
        }
    }
    struct release *release = derived();
    const struct released_table *table = made_table(release, "trends", "channels_drivers");
    assert_near(sum_of(table, "brand", "cases", "(total)", "contribution"), after - before, 1e-9);
    assert_near(sum_of(table, "brand", "score_mean", "(total)", "contribution"), score[1] / after - score[0] / before,
                1e-4); /* the means are published with four decimals */
    assert_near(sum_of(table, "brand", "share", "chat", "contribution"), chat[1] / after - chat[0] / before, 1e-9);
    assert_near(sum_of(table, "brand", "share", "mail", "contribution"), chat[0] / before - chat[1] / after, 1e-9);
    size_t row = MADE_FIND(table, "divided_by", "brand", "figure", "share", "brand", "(rest)", "channel", "mail");
    assert_true(row != SIZE_MAX); /* beta's mail is withheld in March */
    release_free(release);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(break_trend_and_season),
                                        cmocka_unit_test(last_and_changes),
                                        cmocka_unit_test(parts_and_forecast),
                                        cmocka_unit_test(artefact),
                                        cmocka_unit_test(short_and_empty),
                                        cmocka_unit_test(too_few_for_a_step),
                                        cmocka_unit_test(drivers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
