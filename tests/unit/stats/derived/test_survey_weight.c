/* A mean weighted to a population, from released cells. The answers are R's apiclus1 (survey package): 183 schools, api00 by stype and
 * sch.wide; population margins 4421/755/1018 and 1072/5122. Mean, design effect and effective n as the package gives them, tightly
 * converged; the interval from base R on the single schools: sqrt(n/(n-1) * sum((w*(y-m))^2)) / sum(w) = 7.833407920. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "stats/derived/survey_weight.h"
#include "stats/release_build.h"
#include "tests/unit/near.h"

struct group {
    const char *type, *wide;
    int64_t n;
    double mean, sd;
};

static const struct group schools[] = {
    { "(total)", "(total)", 183, 644.169398907104, 105.748866635495 },
    { "E", "No", 12, 596.333333333333, 88.483520122864 },
    { "H", "No", 3, 659.333333333333, 55.895736271502 },
    { "M", "No", 8, 606.375000000000, 103.172445795515 },
    { "E", "Yes", 132, 653.643939393939, 106.630426359384 },
    { "H", "Yes", 11, 607.454545454545, 104.436931816636 },
    { "M", "Yes", 17, 643.235294117647, 112.798232151353 },
};
static const struct group population[] = {
    { "(total)", "(total)", 6194, 0, 0 }, { "E", "(total)", 4421, 0, 0 },    { "H", "(total)", 755, 0, 0 },
    { "M", "(total)", 1018, 0, 0 },       { "(total)", "No", 1072, 0, 0 },  { "(total)", "Yes", 5122, 0, 0 },
};
enum { SCHOOLS = sizeof schools / sizeof *schools, POPULATION = sizeof population / sizeof *population };

static const struct released_column columns[] = {
    { .name = "month", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION },
    { .name = "stype", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION, .hierarchy = "stype" },
    { .name = "wide", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION, .hierarchy = "wide" },
    { .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
    { .name = "api_n", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
    { .name = "api_mean", .type = RELEASED_DECIMAL, .role = RELEASED_FIGURE, .decimals = 12 },
    { .name = "api_sd", .type = RELEASED_DECIMAL, .role = RELEASED_FIGURE, .decimals = 12 },
};

/* Cases are more than the answers to the question: some left it out. */
static struct panel *add_table(struct release *release, const char *name, const struct group *cells, size_t count)
{
    const struct released_build build = { .folder = "tables", .name = name, .title = name, .version = 1, .columns = columns, .column_count = 7 };
    struct released_table *table = release_add_table(release, &build);
    for (size_t i = 0; i < count; i++) {
        const struct released_value row[] = { { .present = true, .text = "2026-01" },
                                              { .present = true, .text = cells[i].type },
                                              { .present = true, .text = cells[i].wide },
                                              { .present = true, .integer = cells[i].n + (cells[i].sd > 0 ? 5 : 0) },
                                              { .present = cells[i].sd > 0, .integer = cells[i].n },
                                              { .present = cells[i].sd > 0, .decimal = cells[i].mean },
                                              { .present = cells[i].sd > 0, .decimal = cells[i].sd } };
        release_add_row(release, table, row);
    }
    return panel_new(table, NULL);
}

static struct weighted weigh(const struct group *answers, size_t answer_count, const struct group *all, size_t all_count)
{
    const struct release_build facts = { .name = "2026-03-01", .k = 10, .program = "t", .config_digest = "00", .protection = "none" };
    const struct derived_spec spec = { .table = "asked", .survey = SURVEY_KIND_MEAN, .survey_answer = "api", .survey_population = "all" };
    struct release *release = release_new(&facts);
    struct panel *asked = add_table(release, "asked", answers, answer_count), *known = all ? add_table(release, "all", all, all_count) : NULL;
    struct weighted weighted = survey_weight(asked, known, &spec, 0);
    panel_free(asked);
    panel_free(known);
    release_free(release);
    return weighted;
}

static void test_raked_mean(void **state)
{
    (void)state;
    struct weighted out = weigh(schools, SCHOOLS, population, POPULATION);
    assert_string_equal(out.note, "");
    assert_near(out.score, 641.230320927, 1e-6);
    assert_near(out.design_effect, 1.0516566956, 1e-8);
    assert_near(out.effective_n, 174.0112, 1e-4);
    assert_near(out.low, 625.877123528, 1e-5);
    assert_near(out.high, 656.583518326, 1e-5);
}

/* Alike in its groups the population changes nothing: the interval is that of the mean itself. */
static void test_like_the_population(void **state)
{
    (void)state;
    struct group like[POPULATION] = { { "(total)", "(total)", 183, 0, 0 }, { "E", "(total)", 144, 0, 0 }, { "H", "(total)", 14, 0, 0 },
                                     { "M", "(total)", 25, 0, 0 }, { "(total)", "No", 23, 0, 0 }, { "(total)", "Yes", 160, 0, 0 } };
    struct weighted out = weigh(schools, SCHOOLS, like, POPULATION);
    assert_near(out.score, 644.169398907, 1e-6);
    assert_near(out.effective_n, 183, 1e-6);
    assert_near(out.high - out.low, 2 * 1.959963984540 * 105.748866635495 / sqrt(183), 1e-6);
}

static void test_not_weighted(void **state)
{
    (void)state;
    struct weighted out = weigh(schools, SCHOOLS - 1, population, POPULATION); /* a cell is withheld */
    assert_true(isnan(out.score));
    assert_string_equal(out.note, "not all groups are released");
    out = weigh(schools, SCHOOLS, population, POPULATION - 1);
    assert_true(isnan(out.score) && *out.note);
    out = weigh(schools, SCHOOLS, NULL, 0); /* none was asked for */
    assert_true(isnan(out.score) && !*out.note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raked_mean),
        cmocka_unit_test(test_like_the_population),
        cmocka_unit_test(test_not_weighted),
    };
    return cmocka_run_group_tests_name("survey_weight", tests, NULL, NULL);
}
