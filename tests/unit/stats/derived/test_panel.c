#include "tests/unit/stats/derived/made_release.h"

#include <stdlib.h>

#include "stats/derived/panel.h"
#include "stats/derived/span.h"

static struct made made;

static void fill(void)
{
    made = (struct made){ .months = 3, .groups = 2, .categories = 2 };
    for (size_t m = 0; m < 3; m++)
        for (size_t g = 0; g < 2; g++)
            for (size_t c = 0; c < 2; c++)
                made.cells[m][g][c] = (struct made_cell){ (double)(100 * m + 20 * g + 10 * c + 20), 3 };
    made.cells[1][0][1].cases = -30; /* withheld in February */
}

static size_t line_of(const struct panel *panel, const char *brand, const char *channel)
{
    for (size_t line = 0; line < panel->line_count; line++)
        if (!strcmp(panel->lines[line].labels[0], brand) && !strcmp(panel->lines[line].labels[1], channel))
            return line;
    return PANEL_NONE;
}

static void series_with_gaps(void **state)
{
    (void)state;
    fill();
    struct release *release = made_release(&made);
    struct panel *panel = panel_new(release_table(release, 0), "cases");
    assert_int_equal(panel->line_count, 9);
    assert_int_equal(panel->period_count, 3);
    assert_int_equal(panel->season, 12);
    assert_int_equal(panel->dimension_count, 2);
    size_t line = line_of(panel, "alpha", "mail"), cases = panel_column(panel, "cases");
    assert_near(panel_value(panel, line, 0, cases), 30, 0);
    assert_true(isnan(panel_value(panel, line, 1, cases))); /* not there: missing, not zero */
    assert_near(panel_value(panel, line, 2, cases), 230, 0);
    assert_true(isnan(panel_value(panel, line, 2, PANEL_NONE)));
    char label[16];
    panel_period(panel, 11, label);
    assert_string_equal(label, "2024-12");
    panel_season(panel, 11, label);
    assert_string_equal(label, "12");
    panel_free(panel);
    release_free(release);
}

static void relations(void **state)
{
    (void)state;
    fill();
    struct release *release = made_release(&made);
    struct panel *panel = panel_new(release_table(release, 0), NULL);
    size_t cell = line_of(panel, "beta", "chat"), brand = line_of(panel, "beta", "(total)");
    assert_int_equal(panel_parent(panel, cell, 1), brand);
    assert_int_equal(panel_parent(panel, cell, 0), line_of(panel, "(total)", "chat"));
    assert_int_equal(panel_parent(panel, brand, 0), panel->total);
    assert_int_equal(panel_parent(panel, brand, 1), PANEL_NONE);
    assert_int_equal(panel_depth(panel, brand, 0), 1);
    size_t first = panel_child(panel, panel->total, 0, PANEL_NONE), second = panel_child(panel, panel->total, 0, first);
    assert_string_equal(panel->lines[first].labels[0], "alpha");
    assert_int_equal(second, brand);
    assert_int_equal(panel_child(panel, panel->total, 0, second), PANEL_NONE);
    panel_free(panel);
    release_free(release);
}

static void spans(void **state)
{
    (void)state;
    fill();
    struct release *release = made_release(&made);
    struct panel *panel = panel_new(release_table(release, 0), NULL);
    size_t count;
    struct span *list = spans_of(panel, &count);
    assert_int_equal(count, 4);
    char label[SPAN_LABEL_BYTES];
    span_label(panel, list[1], label);
    assert_string_equal(label, "2024-02");
    span_label(panel, list[3], label);
    assert_string_equal(label, "2024-01/2024-03");
    /* February is left out, for one of the lines is missing there */
    const size_t lines[3] = { line_of(panel, "alpha", "mail"), panel->total, PANEL_NONE };
    double sums[3];
    assert_int_equal(span_sum(panel, list[3], lines, 3, sums), 2);
    assert_near(sums[0], 30 + 230, 0);
    assert_near(sums[1], 140 + 940, 0);
    assert_true(isnan(sums[2]));
    free(list);
    panel_free(panel);
    release_free(release);
}

/* Two months of two values each, means 1 and 3, standard deviations 1: together mean 2, squares 1 and 1 within and
 * 4 between. */
static void moments(void **state)
{
    (void)state;
    struct made few = { .months = 2, .groups = 1, .categories = 1 };
    few.cells[0][0][0] = (struct made_cell){ 2, 1 };
    few.cells[1][0][0] = (struct made_cell){ 2, 3 };
    struct release *release = made_release(&few);
    struct panel *panel = panel_new(release_table(release, 0), NULL);
    struct span_measure measure;
    struct span_moments all;
    assert_true(span_measure_find(panel, "score", &measure));
    assert_false(span_measure_find(panel, "cases", &measure));
    assert_true(span_measure_find(panel, "score", &measure));
    assert_int_equal(span_moments(panel, (struct span){ 0, 1 }, &(struct span_part){ panel->total, &measure }, 1, &all),
                     2);
    assert_near(all.n, 4, 0);
    assert_near(all.mean, 2, 1e-12);
    assert_near(all.sd, sqrt((1 + 1 + 4) / 3.), 1e-12);
    panel_free(panel);
    release_free(release);
}

/* Digits that the file does not show are not used: 2.66666666 is 2.6667. */
static void only_what_is_written(void **state)
{
    (void)state;
    struct made few = { .months = 1, .groups = 1, .categories = 1 };
    few.cells[0][0][0] = (struct made_cell){ 3, 8. / 3 };
    struct release *release = made_release(&few);
    struct panel *panel = panel_new(release_table(release, 0), NULL);
    assert_true(panel_value(panel, panel->total, 0, panel_column(panel, "score_mean")) == 2.6667);
    panel_free(panel);
    release_free(release);
}

static void no_periods(void **state)
{
    (void)state;
    static const struct release_build facts = { "2026-01-31", 1769817600, 10, "0.1.0", "ab", "whole", NULL };
    static const struct released_column columns[] = {
        { .name = "weekday", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION },
        { .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
    };
    const struct released_build build = { "tables", "days", "Days", 1, columns, 2, NULL };
    const struct released_value row[2] = { { .present = true, .text = "Monday" }, { .present = true, .integer = 7 } };
    struct release *release = release_new(&facts);
    struct released_table *table = release_add_table(release, &build);
    assert_null(panel_new(table, NULL));
    release_add_row(release, table, row);
    assert_null(panel_new(table, NULL));
    derive_tables(release, &made_config); /* nothing to derive but empty findings */
    assert_int_equal(release_table_count(release), 2);
    release_free(release);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(series_with_gaps),
                                        cmocka_unit_test(relations),
                                        cmocka_unit_test(spans),
                                        cmocka_unit_test(moments),
                                        cmocka_unit_test(only_what_is_written),
                                        cmocka_unit_test(no_periods) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
