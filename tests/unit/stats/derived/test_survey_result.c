/* Results of surveys from released tables made by hand. NPS: 50/20/100 against 300/150/600 and the intervals as in Rocks (2016);
 * AAPOR's rates from the counts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "stats/derived/survey_result.h"
#include "stats/release_build.h"
#include "tests/unit/near.h"

struct answer {
    const char *month, *label; /* label NULL: the total */
    int64_t cases;
};

static const struct released_column columns[] = {
    { .name = "month", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION },
    { .name = "answer", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION, .hierarchy = "answer" },
    { .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
};

static struct release *make(const struct answer *answers, size_t count, enum survey_kind kind)
{
    const struct release_build build = { .name = "2026-03-01", .k = 10, .program = "t", .config_digest = "00", .protection = "none" };
    const struct released_build table_build = { .folder = "tables", .name = "asked", .title = "Asked", .version = 1, .columns = columns, .column_count = 3 };
    const struct derived_spec spec = { .table = "asked", .survey = kind, .survey_answer = "answer", .survey_missing = "no word" };
    struct release *release = release_new(&build);
    struct released_table *table = release_add_table(release, &table_build);
    for (size_t i = 0; i < count; i++) {
        const struct released_value row[] = { { .present = true, .text = answers[i].month },
                                              { .present = true, .text = answers[i].label ? answers[i].label : "(total)" },
                                              { .present = true, .integer = answers[i].cases } };
        release_add_row(release, table, row);
    }
    struct panel *panel = panel_new(table, NULL);
    struct findings *findings = findings_new();
    survey_result_add(release, panel, NULL, &spec, findings);
    findings_free(findings);
    panel_free(panel);
    return release;
}

static const struct released_table *result_of(const struct release *release)
{
    return release_table(release, release_table_count(release) - 1);
}

static double number(const struct released_table *table, size_t row, const char *name)
{
    for (size_t c = 0; c < released_column_count(table); c++) {
        const struct released_column *column = released_column(table, c);
        struct released_value value = released_value(table, row, c);
        if (strcmp(column->name, name) == 0)
            return !value.present ? NAN : column->type == RELEASED_INTEGER ? (double)value.integer : value.decimal;
    }
    fail_msg("no column '%s'", name);
    return NAN;
}

static void test_nps_and_change(void **state)
{
    (void)state;
    static const struct answer answers[] = {
        { "2026-01", NULL, 600 }, { "2026-01", "detractor", 150 }, { "2026-01", "passive", 150 }, { "2026-01", "promoter", 300 },
        { "2026-02", NULL, 100 }, { "2026-02", "2", 20 },          { "2026-02", "8", 30 },        { "2026-02", "10", 50 },
    };
    struct release *release = make(answers, 8, SURVEY_KIND_NPS);
    const struct released_table *table = result_of(release);
    assert_string_equal(released_folder(table), "surveys");
    assert_int_equal(released_row_count(table), 2);
    assert_true(isnan(number(table, 0, "change")));
    assert_near(number(table, 1, "answers"), 100, 0);
    assert_near(number(table, 1, "score"), 0.3, 1e-9);
    assert_near(number(table, 1, "score_low"), 0.140511, 1e-4);
    assert_near(number(table, 1, "score_high"), 0.442013, 1e-4);
    assert_near(number(table, 1, "change"), 0.05, 1e-9);
    assert_near(number(table, 1, "change_p"), 0.556942, 1e-5);
    assert_near(number(table, 1, "change_p_adjusted"), 0.556942, 1e-5); /* the only comparison */
    release_free(release);
}

/* 40 of 100 are in withheld categories: nothing can be said of the whole, however the rest looks. */
static void test_withheld_categories(void **state)
{
    (void)state;
    static const struct answer answers[] = {
        { "2026-01", NULL, 100 }, { "2026-01", "promoter", 60 },
        { "2026-02", NULL, 100 }, { "2026-02", "promoter", 60 }, { "2026-02", "detractor", 40 }, /* no passive: none */
    };
    struct release *release = make(answers, 5, SURVEY_KIND_NPS);
    const struct released_table *table = result_of(release);
    assert_int_equal(released_row_count(table), 1);
    assert_near(number(table, 0, "score"), 0.2, 1e-9);
    assert_true(isnan(number(table, 0, "change"))); /* the month before is not known */
    release_free(release);
}

/* 81 of 263: Wilson's interval as published. */
static void test_satisfied(void **state)
{
    (void)state;
    static const struct answer answers[] = { { "2026-01", NULL, 263 }, { "2026-01", "3", 182 }, { "2026-01", "4", 40 }, { "2026-01", "5", 41 } };
    struct release *release = make(answers, 4, SURVEY_KIND_CSAT);
    const struct released_table *table = result_of(release);
    assert_near(number(table, 0, "score"), 81. / 263, 1e-4);
    assert_near(number(table, 0, "score_low"), 0.255289, 1e-4);
    assert_near(number(table, 0, "score_high"), 0.366210, 1e-4);
    release_free(release);
}

/* Who skipped the question has no part in its score: NPS (40 - 20) of 60, satisfied 40 of 70; nobody answered: no row. */
static void test_skipped(void **state)
{
    (void)state;
    static const struct answer answers[] = {
        { "2026-01", NULL, 100 }, { "2026-01", "detractor", 20 }, { "2026-01", "promoter", 40 }, { "2026-01", "no word", 40 },
        { "2026-02", NULL, 100 }, { "2026-02", "2", 30 },         { "2026-02", "5", 40 },        { "2026-02", "no word", 30 },
        { "2026-03", NULL, 32 },  { "2026-03", "no word", 32 },
    };
    struct release *nps = make(answers, 4, SURVEY_KIND_NPS), *csat = make(answers + 4, 6, SURVEY_KIND_CSAT);
    assert_near(number(result_of(nps), 0, "answers"), 60, 0);
    assert_near(number(result_of(nps), 0, "score"), 20. / 60, 1e-4);
    assert_int_equal(released_row_count(result_of(csat)), 1);
    assert_near(number(result_of(csat), 0, "answers"), 70, 0);
    assert_near(number(result_of(csat), 0, "score"), 40. / 70, 1e-4);
    release_free(nps);
    release_free(csat);
}

static void test_rates_and_warning(void **state)
{
    (void)state;
    static const struct answer answers[] = { { "2026-01", NULL, 100 },        { "2026-01", "complete", 20 }, { "2026-01", "partial", 5 },
                                             { "2026-01", "refusal", 10 },    { "2026-01", "no_reply", 60 }, { "2026-01", "unreachable", 5 } };
    struct release *release = make(answers, 6, SURVEY_KIND_DISPOSITION);
    const struct released_table *table = result_of(release);
    assert_near(number(table, 0, "rr1"), 0.2, 1e-9);
    assert_near(number(table, 0, "rr2"), 0.25, 1e-9);
    assert_near(number(table, 0, "rr5"), 20. / 35, 1e-4);
    assert_near(number(table, 0, "coop1"), 20. / 35, 1e-4);
    assert_near(number(table, 0, "coop2"), 25. / 35, 1e-4); /* unlike RR6 only where people are known who could not be reached */
    assert_near(number(table, 0, "ref1"), 0.1, 1e-9);
    assert_near(number(table, 0, "ref3"), 10. / 35, 1e-4);
    assert_near(number(table, 0, "con1"), 0.35, 1e-9);
    assert_near(number(table, 0, "con3"), 1, 1e-9);
    size_t last = released_column_count(table) - 1;
    assert_string_equal(released_value(table, 0, last).text, "low response");
    release_free(release);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nps_and_change),
        cmocka_unit_test(test_withheld_categories),
        cmocka_unit_test(test_satisfied),
        cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_rates_and_warning),
    };
    return cmocka_run_group_tests_name("survey_result", tests, NULL, NULL);
}
