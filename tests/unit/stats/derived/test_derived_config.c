#include "stats/derived/derived_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/near.h"

static const char sources[] = "sources:\n"
                              "  cases:\n"
                              "    dimensions:\n"
                              "      month: {date: closed_at, as: month}\n"
                              "      brand: {column: brand}\n"
                              "      age: {birth_date: birth_date, at: closed_at, bands: [18, 65]}\n"
                              "    measures:\n"
                              "      hoped: {column: hoped, score: [1, 5]}\n"
                              "      got: {column: got, score: [1, 5]}\n";

struct compiled {
    struct config *file;
    struct table_config *tables;
    struct derived_config *derived;
};

static struct compiled compile(const char *rest)
{
    struct compiled compiled;
    char text[4096];
    snprintf(text, sizeof text, "%s%s", sources, rest);
    assert_int_equal(config_parse(&compiled.file, "test.yaml", text, strlen(text), NULL), 0);
    table_config_compile(&compiled.tables, compiled.file);
    derived_config_compile(&compiled.derived, compiled.file, compiled.tables);
    return compiled;
}

static void release(struct compiled *compiled)
{
    derived_config_free(compiled->derived);
    table_config_free(compiled->tables);
    config_free(compiled->file);
}

static void full(void **state)
{
    (void)state;
    struct compiled all = compile("findings: {rate: 0.1, most: 7}\n"
                                  "tables:\n"
                                  "  ages:\n"
                                  "    period: month\n"
                                  "    by: [brand, age]\n"
                                  "    share_of: age\n"
                                  "    measures: {hoped: [mean, sd], got: [mean]}\n"
                                  "    trend: {autocorrelation: false, forecast: 6}\n"
                                  "    expectations: {advice: {expected: hoped, experienced: got}}\n"
                                  "    denominators: {orders: {file: orders.csv, per: 100}}\n");
    assert_int_equal(config_problem_count(all.file), 0);
    const struct derived_spec *spec = derived_config_find(all.derived, "ages");
    assert_non_null(spec);
    assert_string_equal(spec->share_of, "age");
    assert_string_equal(spec->source, "cases");
    assert_true(spec->share_is_ordered);
    assert_false(spec->autocorrelation);
    assert_int_equal(spec->horizon, 6);
    assert_int_equal(spec->pair_count, 1);
    assert_string_equal(spec->pairs[0].experienced, "got");
    assert_string_equal(spec->denominators[0].column, "orders");
    assert_near(spec->denominators[0].per, 100, 0);
    assert_near(all.derived->finding_rate, 0.1, 0);
    assert_int_equal(all.derived->finding_most, 7);
    assert_null(derived_config_find(all.derived, "other"));
    release(&all);
}

static void defaults(void **state)
{
    (void)state;
    struct compiled all = compile("tables: {brands: {period: month, by: [brand], share_of: brand}}\n");
    const struct derived_spec *spec = derived_config_find(all.derived, "brands");
    assert_false(spec->share_is_ordered);
    assert_true(spec->autocorrelation);
    assert_int_equal(spec->horizon, 3);
    assert_near(all.derived->finding_rate, 0.05, 0);
    release(&all);
}

static void problems(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problem;
    } cases[] = {
        { "tables: {t: {period: month, by: [brand], measures: {hoped: [sd]},\n"
          "  expectations: {advice: {expected: hoped, experienced: none}}}}\n",
          "the table does not publish the mean of 'hoped'" },
        { "tables: {t: {period: month, by: [brand]}, t_tests: {period: month, by: [age]}}\n",
          "'t_tests' is the name of a file" },
        { "tables: {t: {period: month, by: [brand, age], survey: {kind: holdout, answer: age, group: brand}}, all: {period: month, by: [age]}}\n",
          "each table of a holdout's source needs 'brand' in 'by'" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct compiled all = compile(cases[i].text);
        assert_true(config_problem_count(all.file) > 0);
        assert_non_null(strstr(config_problem_text(all.file, 0), cases[i].problem));
        release(&all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(full), cmocka_unit_test(defaults),
                                        cmocka_unit_test(problems) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
