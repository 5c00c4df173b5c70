/* Waves, held-out people and the composition of the answers, from released tables made by hand, as a release derives them. NPS:
 * 50/20/100 against 300/150/600 as in Rocks (2016); 56/70 against 48/80: Newcombe (1998), table II (a); the margins of
 * apiclus1 (R's survey package) for representativity and design effect, computed from the formulas beside. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "stats/derived/derive.h"
#include "stats/release_build.h"
#include "tests/unit/near.h"

struct row {
    const char *month, *group, *answer;
    int64_t cases;
    double mean, sd;
};

static const struct released_column columns[] = {
    { .name = "month", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION },
    { .name = "group", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION, .hierarchy = "group" },
    { .name = "answer", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION, .hierarchy = "answer" },
    { .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
    { .name = "effort_n", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
    { .name = "effort_mean", .type = RELEASED_DECIMAL, .role = RELEASED_FIGURE, .decimals = 4, .bounded = true, .minimum = 1, .maximum = 5 },
    { .name = "effort_sd", .type = RELEASED_DECIMAL, .role = RELEASED_FIGURE, .decimals = 4 },
};

static struct release *derive(const struct row *rows, size_t count, const struct derived_spec *spec)
{
    const struct release_build build = { .name = "2026-03-01", .k = 10, .program = "t", .config_digest = "00", .protection = "none" };
    const struct released_build table_build = { .folder = "tables", .name = "asked", .title = "Asked", .version = 1, .columns = columns, .column_count = 7 };
    const struct derived_config config = { .specs = spec, .count = 1, .finding_rate = 0.05, .finding_most = 9 };
    struct release *release = release_new(&build);
    struct released_table *table = release_add_table(release, &table_build);
    for (size_t i = 0; i < count; i++) {
        bool measured = rows[i].mean > 0;
        const struct released_value row[] = {
            { .present = true, .text = rows[i].month },
            { .present = true, .text = rows[i].group ? rows[i].group : "(total)" },
            { .present = true, .text = rows[i].answer ? rows[i].answer : "(total)" },
            { .present = true, .integer = rows[i].cases },
            { .present = measured, .integer = rows[i].cases },
            { .present = measured, .decimal = rows[i].mean },
            { .present = measured, .decimal = rows[i].sd },
        };
        release_add_row(release, table, row);
    }
    derive_tables(release, &config);
    return release;
}

static const struct released_table *find_table(const struct release *release, const char *folder, const char *name)
{
    for (size_t t = 0; t < release_table_count(release); t++)
        if (!strcmp(released_folder(release_table(release, t)), folder) && !strcmp(released_name(release_table(release, t)), name))
            return release_table(release, t);
    fail_msg("no table '%s'", name);
    return NULL;
}

static struct released_value value(const struct released_table *table, size_t row, const char *name)
{
    for (size_t c = 0; c < released_column_count(table); c++)
        if (strcmp(released_column(table, c)->name, name) == 0)
            return released_value(table, row, c);
    fail_msg("no column '%s'", name);
    return (struct released_value){ 0 };
}

static double number(const struct released_table *table, size_t row, const char *name)
{
    struct released_value found = value(table, row, name);
    for (size_t c = 0; c < released_column_count(table); c++)
        if (strcmp(released_column(table, c)->name, name) == 0 && released_column(table, c)->type == RELEASED_INTEGER)
            return found.present ? (double)found.integer : NAN;
    return found.present ? found.decimal : NAN;
}

static const char *text(const struct released_table *table, size_t row, const char *name)
{
    struct released_value found = value(table, row, name);
    return found.present ? found.text : "";
}

/* The row of that label. */
static size_t row_of(const struct released_table *table, const char *column, const char *label)
{
    size_t row = 0;
    while (row < released_row_count(table) && strcmp(text(table, row, column), label))
        row++;
    assert_true(row < released_row_count(table));
    return row;
}

static void test_waves(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "2026-01", NULL, NULL, 400, 0, 0 }, { "2026-01", "1", NULL, 400, 0, 0 },
        { "2026-01", "1", "10", 200, 0, 0 },  { "2026-01", "1", "7", 100, 0, 0 }, { "2026-01", "1", "0", 100, 0, 0 },
        { "2026-02", NULL, NULL, 200, 0, 0 }, { "2026-02", "1", NULL, 200, 0, 0 },
        { "2026-02", "1", "9", 100, 0, 0 },   { "2026-02", "1", "8", 50, 0, 0 },  { "2026-02", "1", "6", 50, 0, 0 },
        { "2026-03", NULL, NULL, 100, 0, 0 }, { "2026-03", "2", NULL, 100, 0, 0 },
        { "2026-03", "2", "10", 50, 0, 0 },   { "2026-03", "2", "7", 30, 0, 0 },  { "2026-03", "2", "3", 20, 0, 0 },
        { "2026-03", "1", NULL, 40, 0, 0 }, /* of it the answers are withheld: it does not count */
    };
    const struct derived_spec spec = { .table = "asked", .survey = SURVEY_KIND_NPS, .survey_answer = "answer", .survey_wave = "group" };
    struct release *release = derive(rows, sizeof rows / sizeof *rows, &spec);
    const struct released_table *table = find_table(release, "surveys", "asked_waves");
    assert_int_equal(released_row_count(table), 2);
    size_t first = row_of(table, "group", "1"), second = row_of(table, "group", "2");
    assert_near(number(table, first, "answers"), 600, 0);
    assert_near(number(table, first, "score"), 0.25, 1e-9);
    assert_true(isnan(number(table, first, "change")));
    assert_string_equal(text(table, first, "before"), "");
    assert_near(number(table, second, "answers"), 100, 0);
    assert_near(number(table, second, "score_low"), 0.140511, 1e-4);
    assert_string_equal(text(table, second, "before"), "1");
    assert_near(number(table, second, "change"), 0.05, 1e-9);
    assert_near(number(table, second, "change_p"), 0.556942, 1e-5);
    assert_near(number(table, second, "change_p_adjusted"), 0.556942, 1e-5);
    assert_int_equal(released_row_count(find_table(release, "", "findings")), 0);
    release_free(release);
}

/* 1,2,3,4,5,5,4,4 in one month and 2,2,3,5,5,1 in the next: mean and deviation of all fourteen. */
static void test_wave_of_a_mean(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "2026-01", NULL, NULL, 8, 3.5, 1.4142 }, { "2026-01", "1", NULL, 8, 3.5, 1.4142 },
        { "2026-02", NULL, NULL, 6, 3.0, 1.6733 }, { "2026-02", "1", NULL, 6, 3.0, 1.6733 },
    };
    const struct derived_spec spec = { .table = "asked", .survey = SURVEY_KIND_MEAN, .survey_answer = "effort", .survey_wave = "group" };
    struct release *release = derive(rows, 4, &spec);
    const struct released_table *table = find_table(release, "surveys", "asked_waves");
    assert_int_equal(released_row_count(table), 1);
    assert_near(number(table, 0, "answers"), 14, 0);
    assert_near(number(table, 0, "score"), 3.285714, 1e-4);
    assert_near(number(table, 0, "score_high") - number(table, 0, "score"), 0.780439, 2e-5);
    release_free(release);
}

static void test_wave_findings(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "2026-01", NULL, NULL, 400, 0, 0 }, { "2026-01", "9", NULL, 400, 0, 0 }, { "2026-01", "9", "10", 300, 0, 0 }, { "2026-01", "9", "2", 100, 0, 0 },
        { "2026-07", NULL, NULL, 400, 0, 0 }, { "2026-07", "10", NULL, 400, 0, 0 }, { "2026-07", "10", "9", 100, 0, 0 }, { "2026-07", "10", "1", 300, 0, 0 },
    };
    const struct derived_spec spec = { .table = "asked", .survey = SURVEY_KIND_NPS, .survey_answer = "answer", .survey_wave = "group" };
    struct release *release = derive(rows, 8, &spec);
    const struct released_table *table = find_table(release, "", "findings");
    size_t row = row_of(table, "kind", "score");
    assert_string_equal(text(table, row, "figure"), "answer_nps");
    assert_string_equal(text(table, row, "period"), "wave 10");
    assert_string_equal(text(table, row, "english"), "The NPS of question answer (group 10) fell to -50.0 (wave 10), from 50.0 (wave 9).");
    assert_string_equal(text(table, row, "german"), "Der NPS der Frage answer (group 10) fiel auf -50,0 (Welle 10), von 50,0 (Welle 9).");
    release_free(release);
}

static void test_holdout(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "2026-01", NULL, NULL, 150, 0, 0 },
        { "2026-01", "invited", NULL, 70, 0, 0 },  { "2026-01", "invited", "yes", 56, 0, 0 },  { "2026-01", "invited", "no", 14, 0, 0 },
        { "2026-01", "held_out", NULL, 80, 0, 0 }, { "2026-01", "held_out", "yes", 48, 0, 0 }, { "2026-01", "held_out", "no", 32, 0, 0 },
        { "2026-02", NULL, NULL, 150, 0, 0 }, /* here what the held out did is withheld in part */
        { "2026-02", "invited", NULL, 70, 0, 0 },  { "2026-02", "invited", "yes", 56, 0, 0 },  { "2026-02", "invited", "no", 14, 0, 0 },
        { "2026-02", "held_out", NULL, 80, 0, 0 }, { "2026-02", "held_out", "yes", 48, 0, 0 },
    };
    const struct derived_spec spec = { .table = "asked", .survey = SURVEY_KIND_HOLDOUT, .survey_answer = "answer", .survey_group = "group" };
    struct release *release = derive(rows, 7, &spec);
    const struct released_table *table = find_table(release, "surveys", "asked");
    assert_int_equal(released_row_count(table), 1);
    assert_near(number(table, 0, "invited"), 70, 0);
    assert_near(number(table, 0, "invited_share"), 0.8, 1e-9);
    assert_near(number(table, 0, "held_out_share"), 0.6, 1e-9);
    assert_near(number(table, 0, "difference"), 0.2, 1e-9);
    assert_near(number(table, 0, "difference_low"), 0.0524, 6e-5);
    assert_near(number(table, 0, "difference_high"), 0.3339, 6e-5);
    assert_near(number(table, 0, "p"), 0.008045, 1e-6);
    const struct released_table *findings = find_table(release, "", "findings");
    assert_string_equal(text(findings, row_of(findings, "kind", "holdout"), "english"),
                        "answer (all): of those who were invited 80.0%, of those who were held out 60.0%, a difference of 20.0"
                        " (95% interval 5.24 to 33.4) (2026-01).");
    release_free(release);
    release = derive(rows, sizeof rows / sizeof *rows, &spec);
    assert_int_equal(released_row_count(find_table(release, "surveys", "asked")), 1);
    release_free(release);
}

/* Of 6,194 invited 183 answer: 144 of 4,421, 14 of 755, 25 of 1,018. */
static const struct row response[] = {
    { "2026-01", NULL, NULL, 6194, 0, 0 }, { "2026-01", NULL, "complete", 183, 0, 0 }, { "2026-01", NULL, "no_reply", 6011, 0, 0 },
    { "2026-01", "E", NULL, 4421, 0, 0 },  { "2026-01", "E", "complete", 144, 0, 0 },  { "2026-01", "E", "no_reply", 4277, 0, 0 },
    { "2026-01", "H", NULL, 755, 0, 0 },   { "2026-01", "H", "complete", 14, 0, 0 },   { "2026-01", "H", "no_reply", 741, 0, 0 },
    { "2026-01", "M", NULL, 1018, 0, 0 },  { "2026-01", "M", "complete", 25, 0, 0 },   { "2026-01", "M", "no_reply", 993, 0, 0 },
};

static void test_composition(void **state)
{
    (void)state;
    const struct derived_spec spec = { .table = "asked", .survey = SURVEY_KIND_DISPOSITION, .survey_answer = "answer" };
    struct release *release = derive(response, 12, &spec);
    const struct released_table *table = find_table(release, "surveys", "asked");
    size_t all = row_of(table, "group", "(total)"), e = row_of(table, "group", "E");
    assert_near(number(table, all, "representativity"), 0.989923, 6e-5);
    assert_near(number(table, all, "design_effect"), 1.039359, 6e-5);
    assert_string_equal(text(table, all, "warning"), "low response");
    assert_near(number(table, e, "invited_share"), 4421. / 6194, 6e-5);
    assert_near(number(table, e, "answered_share"), 144. / 183, 6e-5);
    assert_near(number(table, e, "rest"), 0.032572 - 0.021997, 6e-5);
    assert_near(number(table, e, "rest_p"), 0.026302, 1e-6);
    assert_near(number(table, e, "rest_p_adjusted"), 3 * 0.026302, 3e-6);
    assert_true(isnan(number(table, e, "representativity")));
    const struct released_table *findings = find_table(release, "", "findings");
    assert_string_equal(text(findings, 0, "kind"), "low_response");
    assert_string_equal(text(findings, 0, "english"),
                        "Only 3.0% of the invitations (table asked) were answered in 2026-01: those who did not answer may think otherwise.");
    assert_string_equal(text(findings, 0, "german"),
                        "Nur 3,0 % der Einladungen (Tabelle asked) wurden beantwortet in 2026-01: Wer nicht geantwortet hat, denkt vielleicht anders.");
    release_free(release);
    release = derive(response, 9, &spec); /* without group M, which is withheld */
    table = find_table(release, "surveys", "asked");
    assert_true(isnan(number(table, row_of(table, "group", "(total)"), "representativity")));
    release_free(release);
}

static void test_unequal_response(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "2026-01", NULL, NULL, 200, 0, 0 },    { "2026-01", NULL, "complete", 100, 0, 0 },   { "2026-01", NULL, "no_reply", 100, 0, 0 },
        { "2026-01", "old", NULL, 100, 0, 0 },   { "2026-01", "old", "complete", 80, 0, 0 },   { "2026-01", "old", "no_reply", 20, 0, 0 },
        { "2026-01", "young", NULL, 100, 0, 0 }, { "2026-01", "young", "complete", 20, 0, 0 }, { "2026-01", "young", "no_reply", 80, 0, 0 },
    };
    const struct derived_spec spec = { .table = "asked", .survey = SURVEY_KIND_DISPOSITION, .survey_answer = "answer" };
    struct release *release = derive(rows, 9, &spec);
    const struct released_table *table = find_table(release, "surveys", "asked");
    size_t all = row_of(table, "group", "(total)");
    assert_string_equal(text(table, all, "warning"), "unequal response");
    assert_near(number(table, all, "representativity"), 1 - 2 * sqrt(200 * 0.09 / 199), 6e-5);
    assert_near(number(table, all, "design_effect"), 1.5625, 6e-5); /* 100 × (100²/80 + 100²/20) / 200² */
    const struct released_table *findings = find_table(release, "", "findings");
    size_t row = row_of(findings, "group", "group young");
    assert_string_equal(text(findings, row, "kind"), "response");
    assert_string_equal(text(findings, row, "english"), "group young: answered less often than the rest of the invited: 20.0% against 80.0% (2026-01). "
                                                        "The answers do not mirror the invited; look at the weighted score.");
    release_free(release);
}

/* A group against the rest, and a month against the one before, in words. */
static void test_score_findings(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "2026-01", NULL, NULL, 400, 0, 0 }, { "2026-01", NULL, "5", 360, 0, 0 }, { "2026-01", NULL, "1", 40, 0, 0 },
        { "2026-02", NULL, NULL, 400, 0, 0 }, { "2026-02", NULL, "5", 220, 0, 0 }, { "2026-02", NULL, "1", 180, 0, 0 },
        { "2026-02", "a", NULL, 200, 0, 0 },  { "2026-02", "a", "5", 160, 0, 0 },  { "2026-02", "a", "1", 40, 0, 0 },
        { "2026-02", "b", NULL, 200, 0, 0 },  { "2026-02", "b", "5", 60, 0, 0 },   { "2026-02", "b", "1", 140, 0, 0 },
    };
    const struct derived_spec spec = { .table = "asked", .survey = SURVEY_KIND_CSAT, .survey_answer = "answer" };
    struct release *release = derive(rows, 12, &spec);
    const struct released_table *findings = find_table(release, "", "findings");
    assert_string_equal(text(findings, row_of(findings, "kind", "score"), "english"),
                        "The percentage of satisfied answers to question answer (all) fell to 55.0 (2026-02), from 90.0 (2026-01).");
    assert_string_equal(text(findings, row_of(findings, "group", "group b"), "german"),
                        "Der Prozentsatz der Zufriedenen bei der Frage answer (group b) ist niedriger als bei den übrigen: 30,0 gegen 80,0 (2026-02).");
    release_free(release);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waves),       cmocka_unit_test(test_wave_of_a_mean),  cmocka_unit_test(test_wave_findings),
        cmocka_unit_test(test_holdout),     cmocka_unit_test(test_composition),     cmocka_unit_test(test_unequal_response),
        cmocka_unit_test(test_score_findings),
    };
    return cmocka_run_group_tests_name("survey_parts", tests, NULL, NULL);
}
