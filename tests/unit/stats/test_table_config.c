/* stats/table_config: what is compiled, and every mistake with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/config.h"
#include "core/embed.h"
#include "core/strbuf.h"
#include "stats/table_config.h"

static const char sources[] = "sources:\n"
                              "  cases:\n"
                              "    opened_at: begun\n"
                              "    closed_at: ended\n"
                              "    dimensions:\n"
                              "      month: {date: closed_at, as: month}\n"
                              "      quarter: {date: ended, as: quarter}\n"
                              "      week: {date: ended, as: week}\n"
                              "      day: {date: begun, as: weekday}\n"
                              "      start: {date: opened_at, as: month}\n"
                              "      year: {date: closed_at, as: year}\n"
                              "      country: {column: c, hierarchy: r.csv, levels: [region, country]}\n"
                              "      topic: {columns: [Topic, Sub Topic]}\n"
                              "      brand: {column: b, sensitive: true}\n"
                              "    measures:\n"
                              "      score: {column: s, score: [1, 5], share: [4, 5]}\n"
                              "      hours: {duration: [a, b], decimals: 2}\n"
                              "      fine: {column: s, score: [0, 10.5], decimals: 1}\n";

static struct config *parse(const char *tables)
{
    struct strbuf text = { 0 };
    struct config *config = NULL;
    struct err err = { 0 };
    strbuf_adds(&text, sources);
    strbuf_adds(&text, tables);
    if (config_parse(&config, "f", text.text, text.length, &err))
        fail_msg("%s", err.message);
    strbuf_release(&text);
    return config;
}

static void compiles(void **state)
{
    (void)state;
    struct config *config = parse("tables:\n"
                                  "  t: {title: A title, period: month, by: [country, topic, brand], share_of: brand,\n"
                                  "      measures: {score: [mean, share], hours: [median, q90]}}\n"
                                  "  u: {period: quarter, margins: none}\n"
                                  "protection: {k: 7, quantile_base: {hours: 0.5},\n"
                                  "  structural_zeros: [{values: {brand: [a, b], day: [Sunday]}}]}\n");
    struct table_config *tables;
    table_config_compile(&tables, config);
    assert_int_equal(config_problem_count(config), 0);
    assert_int_equal(tables->k, 7);
    assert_int_equal(tables->count, 2);
    const struct table_spec *t = &tables->tables[0], *u = &tables->tables[1];
    assert_string_equal(t->title, "A title");
    assert_string_equal(t->source, "cases");
    assert_int_equal(t->dimension_count, 4);
    assert_true(t->dimensions[0].is_period);
    assert_int_equal(t->dimensions[0].kind, PERIOD_MONTH);
    assert_int_equal(t->dimensions[1].level_count, 2);
    assert_string_equal(t->dimensions[1].level_names[0], "region");
    assert_int_equal(t->dimensions[2].level_count, 0); /* "Sub Topic" is no column name */
    assert_true(t->dimensions[3].sensitive);
    assert_int_equal(t->share_of, 3);
    assert_true(t->margins);
    assert_int_equal(t->measures[0].figures, 1u << TABLE_MEAN | 1u << TABLE_SHARE);
    assert_true(t->measures[0].share_lowest == 4 && t->measures[0].share_highest == 5);
    assert_int_equal(t->measures[1].figures, 1u << TABLE_MEDIAN | 1u << TABLE_Q90);
    assert_true(t->measures[1].quantile_base == 0.5 && t->measures[0].quantile_base == 0);
    assert_string_equal(u->title, "u");
    assert_false(u->margins);
    assert_int_equal(u->dimension_count, 1);
    assert_int_equal(u->measure_count, 0);
    struct strbuf zeros = { 0 };
    structural_json(u->zeros, &zeros);
    assert_string_equal(zeros.text, "[{\"source\":\"cases\",\"values\":{\"brand\":[\"a\",\"b\"],\"day\":[\"Sunday\"]}}]");
    strbuf_release(&zeros);
    table_config_free(tables);
    config_free(config);
}

static void problems(void **state)
{
    (void)state;
    static const struct {
        const char *tables, *problem;
    } rows[] = {
        { "tables: {t: {source: casse, period: month}}", "19:22: there is no source 'casse'; did you mean 'cases'?" },
        { "tables: {t: {period: mont}}", "19:22: there is no dimension 'mont'; did you mean 'month'?" },
        { "tables: {t: {period: nothing_like_it}}",
          "19:22: there is no dimension 'nothing_like_it'; it must be configured under 'sources'" },
        { "tables: {t: {period: brand}}",
          "19:22: 'brand' is not a period; expected a dimension 'as' month, quarter or week" },
        { "tables: {t: {period: day}}",
          "19:22: 'day' is not a period; expected a dimension 'as' month, quarter or week" },
        { "tables: {t: {period: year}}",
          "19:22: 'year' is not a period; expected a dimension 'as' month, quarter or week" },
        { "tables: {t: {period: start}}",
          "19:22: 'start' is a period of opening, which is never over; expected one of 'closed_at'" },
        { "tables: {t: {period: month, by: [brnd]}}", "19:34: there is no dimension 'brnd'; did you mean 'brand'?" },
        { "tables: {t: {period: month, by: [brand, brand]}}",
          "19:41: the dimension 'brand' stands in the table twice; remove one" },
        { "tables: {t: {period: month, by: [month]}}",
          "19:34: the dimension 'month' stands in the table twice; remove one" },
        { "tables: {t: {period: month, measures: {scores: [mean]}}}",
          "19:40: there is no measure 'scores'; did you mean 'score'?" },
        { "tables: {t: {period: month, measures: {hours: [mean, share]}}}",
          "19:54: the measure 'hours' has no share; give it a range 'share' or remove this figure" },
        { "tables: {t: {period: month, measures: {score: [mean, sd, mean]}}}",
          "19:58: the figure 'mean' stands here twice; remove one" },
        { "tables: {t: {period: month, by: [brand], share_of: topic}}",
          "19:52: 'topic' is not one of the table's dimensions; expected one of 'by'" },
        { "tables: {t: {period: month, by: [brand], share_of: month}}",
          "19:52: 'month' is not one of the table's dimensions; expected one of 'by'" },
        { "tables: {t_v2: {period: month}}", "19:10: 't_v2' is how an older version of a table is called; choose another name" },
        { "tables: {t: {period: month}, u: {period: week}}",
          "19:30: the table is by week, but 't' is not; a source has one base period" },
        { "tables: {t: {period: week}, u: {period: quarter}}",
          "19:29: the table is by month or quarter, but 't' is not; a source has one base period" },
        { "protection: {quantile_base: {minutes: 1}}",
          "19:30: there is no measure 'minutes'; it must be configured under 'sources'" },
        { "tables: {t: {period: month, by: [brand]}}\n"
          "protection: {waivers: [{name: w, reason: r, person: p, expires: 2026-12-31, table: u}]}",
          "20:84: there is no table 'u'" },
        { "tables: {t: {period: month, by: [brand]}}\n"
          "protection: {waivers: [{name: w, reason: r, person: p, expires: 2026-12-31, table: t, cell: {topic: a}}]}",
          "20:94: 'topic' is not one of the table's dimensions; expected one of 'by'" },
        { "tables: {t: {period: month, by: [brand]}}\n"
          "protection: {waivers: [{name: w, expires: 2026-12-31, table: t}, {name: w, expires: 2026-12-31, table: t}]}",
          "20:73: there are two waivers 'w'; give each a name of its own" },
        { "tables: {t: {period: month, by: [brand], measures: {fine: [mean, sd], hours: [sd], score: [sd]}}}",
          "19:66: a standard deviation is for scores of at most 11 different values, and for amounts" },
        { "protection: {structural_zeros: [{source: casse, values: {brand: [a]}}]}",
          "19:42: there is no source 'casse'; it must be configured under 'sources'" },
        { "protection: {structural_zeros: [{values: {brnd: [a]}}]}",
          "19:43: there is no dimension 'brnd'; it must be configured under 'sources'" },
        { "protection: {structural_zeros: [{values: {brand: [a], month: ['2026-01']}}]}",
          "19:55: 'month' is a period; a combination is impossible at any time or not at all" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config *config = parse(rows[i].tables);
        struct table_config *tables;
        char expected[256];
        table_config_compile(&tables, config);
        assert_int_equal(config_problem_count(config), 1);
        snprintf(expected, sizeof expected, "f:%s", rows[i].problem);
        assert_string_equal(config_problem_text(config, 0), expected);
        table_config_free(tables);
        config_free(config);
    }
}

static void two_columns_of_one_name(void **state)
{
    (void)state;
    static const char text[] = "sources:\n"
                               "  a:\n"
                               "    dimensions:\n"
                               "      month: {date: closed_at, as: month}\n"
                               "      place: {columns: [x, y]}\n"
                               "      other: {columns: [y, z]}\n"
                               "      score_n: {column: n}\n"
                               "      cases: {column: n}\n"
                               "    measures: {score: {column: s}}\n"
                               "  b: {dimensions: {month: {date: closed_at, as: month}}}\n"
                               "tables:\n"
                               "  t: {source: a, period: month, by: [place, other]}\n"
                               "  u: {source: a, period: month, by: [score_n], measures: {score: [mean]}}\n"
                               "  v: {source: a, period: month, by: [cases]}\n"
                               "  w: {period: month}\n";
    static const char *const expected[] = {
        "f:12:3: the table would have two columns 'y'; rename a dimension, level or measure",
        "f:13:3: the table would have two columns 'score_n'; rename a dimension, level or measure",
        "f:14:3: the table would have two columns 'cases'; rename a dimension, level or measure",
        "f:15:3: the table needs 'source'; there are several sources",
    };
    struct config *config = NULL;
    struct table_config *tables;
    struct err err;
    assert_int_equal(config_parse(&config, "f", text, sizeof text - 1, &err), 0);
    table_config_compile(&tables, config);
    assert_int_equal(config_problem_count(config), 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(config_problem_text(config, i), expected[i]);
    table_config_free(tables);
    config_free(config);
}

/* Six dimensions of three levels make 4^6 = 4,096 margins and levels, which is the most; a flat one doubles them. */
static void too_wide(void **state)
{
    (void)state;
    static const struct {
        int deep;
        const char *flat, *margins, *problem;
    } rows[] = {
        { 7, "", ", margins: none", NULL },
        { 6, "", "", NULL },
        { 6, ", brand", "",
          "every cell would count in 8192 margins and levels, more than 4096; remove dimensions or use 'margins: none'" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct strbuf text = { 0 };
        struct config *config = NULL;
        struct table_config *tables;
        struct err err;
        strbuf_adds(
            &text,
            "sources:\n  a:\n    dimensions:\n      month: {date: closed_at, as: month}\n      brand: {column: b}\n");
        for (int d = 0; d < rows[i].deep; d++)
            strbuf_addf(&text, "      d%d: {column: c, levels: [x%d, y%d, z%d]}\n", d, d, d, d);
        strbuf_adds(&text, "tables:\n  t: {period: month, by: [d0");
        for (int d = 1; d < rows[i].deep; d++)
            strbuf_addf(&text, ", d%d", d);
        strbuf_addf(&text, "%s]%s}\n", rows[i].flat, rows[i].margins);
        assert_int_equal(config_parse(&config, "f", text.text, text.length, &err), 0);
        table_config_compile(&tables, config);
        assert_int_equal(config_problem_count(config), rows[i].problem ? 1 : 0);
        if (rows[i].problem)
            assert_string_equal(strstr(config_problem_text(config, 0), "every"), rows[i].problem);
        table_config_free(tables);
        config_free(config);
        strbuf_release(&text);
    }
}

/* The schema finds what the compiler need not look for; the compiler survives it all. */
static void schema(void **state)
{
    (void)state;
    static const struct config_rule rest[] = { { "sources", CONFIG_TYPE_MAP, .required = false },
                                               { "sources.*", CONFIG_TYPE_MAP, .required = false },
                                               { .path = NULL } };
    static const struct config_rule *const rules[] = { stats_config_rules, rest, NULL };
    static const struct {
        const char *tables, *expected;
    } rows[] = {
        { "tables: {t: {by: [brand]}}", "missing key 'period'" },
        { "protection: {k: 4}", "'k' is '4'; expected a whole number from 5 to 100000" },
        { "tables: {t: {period: month, margins: some}}", "expected one of all, none" },
        { "tables: {t: {period: month, measures: {score: [average]}}}", "expected one of sum" },
        { "tables: {t: {period: month, by: brand}}", "list" },
        { "tables: {t: {period: [month], measures: [score]}}", "'period'" },
        { "tables: [t]", "expected keys with values" },
        { "tables: {t: {period: month, by: [a, b, c, d, e, f, g, h, i]}}", "0 to 8" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config *config = parse(rows[i].tables);
        struct table_config *tables;
        bool found = false;
        config_check(config, rules);
        for (size_t p = 0; p < config_problem_count(config); p++)
            found |= strstr(config_problem_text(config, p), rows[i].expected) != NULL;
        for (size_t p = 0; !found && p < config_problem_count(config); p++)
            print_error("%s: %s\n", rows[i].expected, config_problem_text(config, p));
        table_config_compile(&tables, config);
        assert_true(found);
        table_config_free(tables);
        config_free(config);
    }
}

static void the_demo_is_right(void **state)
{
    (void)state;
    const struct embed_file *file = embed_find("examples/demo/fallzahl.yaml");
    struct config *config = NULL;
    struct table_config *tables;
    struct err err;
    assert_non_null(file);
    assert_int_equal(config_parse(&config, "demo", file->text, file->length, &err), 0);
    table_config_compile(&tables, config);
    for (size_t p = 0; p < config_problem_count(config); p++)
        print_error("%s\n", config_problem_text(config, p));
    assert_int_equal(config_problem_count(config), 0);
    assert_true(tables->count >= 5);
    table_config_free(tables);
    config_free(config);
}

static void compile_sources(const char *files, const char *wave, struct strbuf *problems)
{
    char text[512];
    struct table_config *tables;
    snprintf(text, sizeof text, "  handed:\n    files: \"%s\"\n    personal_data: none\n    dimensions: {ended: {date: closed_at, as: month}, %s}\n"
             "    closed_at: week\ntables: {t: {source: handed, period: ended}}\n", files, wave);
    struct config *config = parse(text);
    table_config_compile(&tables, config);
    strbuf_clear(problems);
    for (size_t i = 0; i < config_problem_count(config); i++)
        strbuf_addf(problems, "%s\n", config_problem_text(config, i));
    strbuf_addf(problems, "%s", tables->tables[0].wave ? tables->tables[0].wave->name : "no wave");
    table_config_free(tables);
    config_free(config);
}

/* Rows of several waves may be of one person, which only the wave can tell. */
static void a_survey_has_waves(void **state)
{
    (void)state;
    static const char lacks[] = "f:19:3: source 'handed' reads what a survey hands over; it needs a dimension 'wave: {column: wave}' without other keys than "
                                "'allow': who is asked in two waves is two rows of it\nno wave";
    static const char many[] = "are files of several surveys, which ask the same people; expected those of one, answers-NAME-*.csv\n";
    static const struct {
        const char *files, *wave, *expected;
    } good[] = {
        { "answers-service-*.csv", "which: {column: wave}", "which" },
        { "dispositions-service-?.csv", "wave: {column: wave, allow: [1, 2]}", "wave" },
        { "exports-*.csv", "wave: {column: wave}", "no wave" },
        { "*.csv", "wave: {column: wave}", "no wave" },
        { "a.csv", "wave: {column: wave}", "no wave" },
    }, bad[] = {
        { "answers-service-*.csv", "d: {column: d}", lacks },
        { "holdout-service-*.csv", "wave: {column: wave, rename: {2: 1}}", lacks },
        { "holdout-service-*.csv", "wave: {columns: [year, wave]}", lacks },
        { "answers-*.csv", "wave: {column: wave}", many },
        { "ans*.csv", "wave: {column: wave}", many },
        { "answers-serv*.csv", "wave: {column: wave}", many },
        { "dispositions-s[ab]-*.csv", "wave: {column: wave}", many },
    };
    struct strbuf problems = { 0 };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        compile_sources(good[i].files, good[i].wave, &problems);
        assert_string_equal(strbuf_text(&problems), good[i].expected);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        compile_sources(bad[i].files, bad[i].wave, &problems);
        assert_non_null(strstr(strbuf_text(&problems), bad[i].expected));
    }
    strbuf_release(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compiles), cmocka_unit_test(problems), cmocka_unit_test(two_columns_of_one_name),
        cmocka_unit_test(too_wide), cmocka_unit_test(schema),   cmocka_unit_test(the_demo_is_right),
        cmocka_unit_test(a_survey_has_waves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
