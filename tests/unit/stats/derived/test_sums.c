/* Sums over years: by hand. */
#include "tests/unit/stats/derived/made_release.h"

enum { MONTHS = 26 };

/* alpha by chat has 100 + month cases; beta misses its fourth month. */
static struct release *two_years(void)
{
    static struct made made = { .months = MONTHS, .groups = 2, .categories = 1 };
    for (size_t m = 0; m < MONTHS; m++) {
        made.cells[m][0][0] = (struct made_cell){ 100 + (double)m, 3 };
        made.cells[m][1][0] = (struct made_cell){ m == 3 ? (double)NAN : 50, 4 };
    }
    struct release *release = made_release(&made);
    derive_tables(release, &made_config);
    return release;
}

static size_t find(const struct released_table *table, const char *period, const char *brand, const char *figure)
{
    return MADE_FIND(table, "period", period, "brand", brand, "channel", "chat", "figure", figure);
}

static void years_and_rolling_cycles(void **state)
{
    (void)state;
    struct release *release = two_years();
    const struct released_table *table = made_table(release, "trends", "channels_sums");
    size_t row = find(table, "2024-01/2024-12", "alpha", "cases");
    assert_string_equal(made_text(table, row, "year"), "2024");
    assert_near(made_number(table, row, "sum"), 12 * 100 + 66, 0);
    assert_true(isnan(made_number(table, row, "sum_before")));
    row = find(table, "2025-01/2025-12", "alpha", "cases");
    assert_string_equal(made_text(table, row, "year"), "2025");
    assert_near(made_number(table, row, "sum"), 12 * 112 + 66, 0);
    assert_near(made_number(table, row, "sum_before"), 1266, 0);
    assert_near(made_number(table, row, "change"), 144. / 1266, 1e-12);
    row = find(table, "2025-03/2026-02", "alpha", "cases");
    assert_string_equal(made_text(table, row, "year"), "");
    assert_near(made_number(table, row, "sum_before"), 12 * 102 + 66, 0);
    release_free(release);
}

/* A number of values adds up, a mean does not; a sum with a hole is not there, nor is it compared with. */
static void only_what_is_published_and_adds_up(void **state)
{
    (void)state;
    struct release *release = two_years();
    const struct released_table *table = made_table(release, "trends", "channels_sums");
    for (size_t row = 0; row < released_row_count(table); row++) {
        assert_string_not_equal(made_text(table, row, "figure"), "score_mean");
        assert_string_not_equal(made_text(table, row, "figure"), "score_sd");
        if (strcmp(made_text(table, row, "brand"), "beta") == 0 && strcmp(made_text(table, row, "channel"), "(total)") != 0)
            assert_true(strcmp(made_text(table, row, "period"), "2024-05") > 0);
    }
    assert_near(made_number(table, find(table, "2024-01/2024-12", "alpha", "score_n"), "sum"), 1266, 0);
    assert_near(made_number(table, find(table, "2024-05/2025-04", "beta", "cases"), "sum"), 600, 0);
    assert_true(isnan(made_number(table, find(table, "2025-01/2025-12", "beta", "cases"), "sum_before")));
    release_free(release);
}

static void nothing_before_a_whole_cycle(void **state)
{
    (void)state;
    static struct made made = { .months = 11, .groups = 1, .categories = 1 };
    for (size_t m = 0; m < 11; m++)
        made.cells[m][0][0] = (struct made_cell){ 100, 3 };
    struct release *release = made_release(&made);
    derive_tables(release, &made_config);
    for (size_t i = 0; i < release_table_count(release); i++)
        assert_string_not_equal(released_name(release_table(release, i)), "channels_sums");
    release_free(release);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(years_and_rolling_cycles),
        cmocka_unit_test(only_what_is_published_and_adds_up),
        cmocka_unit_test(nothing_before_a_whole_cycle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
