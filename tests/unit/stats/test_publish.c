/* From cases.db to a release, on cases few enough to count by hand: rows, order, columns, what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "case_db.h"
#include "core/strbuf.h"
#include "stats/publish.h"

static const char configuration[] = "sources:\n"
                                    "  shop:\n"
                                    "    opened_at: opened_at\n"
                                    "    closed_at: closed_at\n"
                                    "    dimensions:\n"
                                    "      month: {date: closed_at, as: month}\n"
                                    "      country: {column: c, hierarchy: r.csv, levels: [region, country]}\n"
                                    "      brand: {column: b}\n"
                                    "      age: {birth_date: b, bands: [50]}\n"
                                    "    measures:\n"
                                    "      score: {column: s, score: [1, 5], share: [4, 5]}\n"
                                    "      hours: {duration: [opened_at, closed_at], unit: hours, decimals: 2}\n"
                                    "protection: {k: 5, quantile_base: {hours: 0.5}}\n"
                                    "tables:\n";

/* Days: 2026-01-15, 2026-02-10; instants of 2026-03-01 and 2026-02-28T23:30Z, which is in March in Berlin. */
enum { JANUARY = 20468, FEBRUARY = 20494, MARCH_1 = 1772323200, BEFORE_MARCH = MARCH_1 - 1800 };

static struct case_db cases;
static struct config *config;
static struct table_config *tables;
static struct zone *zone;

static int setup(void **state)
{
    (void)state;
    struct err err;
    case_db_open(&cases);
    case_db_shop(&cases);
    return zone_open(&zone, "UTC", &err);
}

static int teardown(void **state)
{
    (void)state;
    case_db_close(&cases);
    zone_free(zone);
    return 0;
}

static struct release *publish(const char *table_lines, int64_t as_of, size_t threads)
{
    struct strbuf text = { 0 };
    struct release *release = NULL;
    struct err err = { 0 };
    strbuf_adds(&text, configuration);
    strbuf_adds(&text, table_lines);
    if (config_parse(&config, "f", text.text, text.length, &err))
        fail_msg("%s", err.message);
    table_config_compile(&tables, config);
    for (size_t i = 0; i < config_problem_count(config); i++)
        fail_msg("%s", config_problem_text(config, i));
    struct publish_request request = { .tables = tables,
                                       .name = "2026-03-01",
                                       .program = "0",
                                       .config_digest = "00",
                                       .as_of = as_of,
                                       .zone = zone,
                                       .threads = threads };
    if (publish_build(cases.db, &request, &release, &err))
        fail_msg("%s", err.message);
    table_config_free(tables);
    config_free(config);
    strbuf_release(&text);
    return release;
}

static void add_value(struct strbuf *out, const struct released_column *column, struct released_value value)
{
    if (!value.present)
        strbuf_addc(out, '-');
    else if (column->type == RELEASED_TEXT)
        strbuf_adds(out, value.text);
    else if (column->type == RELEASED_INTEGER)
        strbuf_addf(out, "%lld", (long long)value.integer);
    else
        strbuf_addf(out, "%.*f", column->decimals, value.decimal);
}

static void dump(const struct released_table *table, struct strbuf *out)
{
    for (size_t c = 0; c < released_column_count(table); c++)
        strbuf_addf(out, "%s%s", c ? " " : "", released_column(table, c)->name);
    for (size_t r = 0; r < released_row_count(table); r++)
        for (size_t c = 0; c < released_column_count(table); c++) {
            strbuf_adds(out, c ? " " : "\n");
            add_value(out, released_column(table, c), released_value(table, r, c));
        }
    strbuf_addc(out, '\n');
}

static void assert_table(const struct release *release, size_t i, const char *expected)
{
    struct strbuf out = { 0 };
    dump(release_table(release, i), &out);
    assert_string_equal(out.text, expected);
    strbuf_release(&out);
}

/* `count` persons from `first` on, one case each, with the rest of the row: country, brand, age, score, hours. */
static void add(int first, int count, int day, const char *rest)
{
    char sql[256];
    for (int person = first; person < first + count; person++) {
        snprintf(sql, sizeof sql,
                 "INSERT INTO case_shop (id, closed_day, d_country, d_brand, d_age, m_score, m_hours)"
                 " VALUES ((%d << 24) + %d, %d, %s)",
                 person, day, day, rest);
        case_db_exec(&cases, sql);
    }
}

/* South has 2 and 3 persons of the two brands. 7 - 5 would give the 2 away, so north's nordhaus goes too, and Denmark's with it, as
 * nothing else is in it; likewise velora. */
static void rows_in_order(void **state)
{
    (void)state;
    add(1, 6, JANUARY, "2, 6, 8, 5, 100");   /* SE velora 50+ */
    add(10, 5, JANUARY, "3, 7, 9, 3, 250");  /* DK nordhaus under 50 */
    add(20, 3, JANUARY, "5, 6, 8, 1, NULL"); /* IT velora 50+: three persons */
    add(30, 2, JANUARY, "5, 7, 8, 1, NULL"); /* IT nordhaus 50+: two, together five */
    add(1, 5, FEBRUARY, "2, 6, 8, NULL, 100");
    struct release *release = publish("  t: {period: month, by: [country, brand], measures: {score: [mean]}}\n"
                                      "  a: {period: month, by: [age]}\n",
                                      MARCH_1, 1);
    assert_string_equal(release_protection(release), "counts, contributors, sums, means, deviations and shares audited as one system, for readers and contributors; quantiles by rule");
    assert_int_equal(release_k(release), 5);
    assert_int_equal(release_table_count(release), 2);
    assert_table(release, 0,
                 "month region country brand cases score_n score_mean score_status\n"
                 "2026-01 (total) (total) (total) 16 16 3.12 published\n"
                 "2026-01 (total) (total) nordhaus 7 7 2.43 published\n"
                 "2026-01 (total) (total) velora 9 9 3.67 published\n"
                 "2026-01 north (total) (total) 11 11 4.09 published\n"
                 "2026-01 north (total) (withheld) 11 11 4.09 published\n"
                 "2026-01 north DK (total) 5 5 3.00 published\n"
                 "2026-01 north DK (withheld) 5 5 3.00 published\n"
                 "2026-01 north SE (total) 6 6 5.00 published\n"
                 "2026-01 north SE (withheld) 6 6 5.00 published\n"
                 "2026-01 south (total) (total) 5 5 1.00 published\n"
                 "2026-01 south (total) (withheld) 5 5 1.00 published\n"
                 "2026-01 south IT (total) 5 5 1.00 published\n"
                 "2026-01 south IT (withheld) 5 5 1.00 published\n"
                 "2026-01 (withheld) (total) nordhaus 7 7 2.43 published\n"
                 "2026-01 (withheld) (total) velora 9 9 3.67 published\n"
                 "2026-02 (total) (total) (total) 5 - - withheld\n"
                 "2026-02 (total) (total) velora 5 - - withheld\n"
                 "2026-02 north (total) (total) 5 - - withheld\n"
                 "2026-02 north (total) velora 5 - - withheld\n"
                 "2026-02 north SE (total) 5 - - withheld\n"
                 "2026-02 north SE velora 5 - - withheld\n");
    assert_table(release, 1,
                 "month age cases\n"
                 "2026-01 (total) 16\n"
                 "2026-01 under 50 5\n"
                 "2026-01 50+ 11\n"
                 "2026-02 (total) 5\n"
                 "2026-02 50+ 5\n");
    release_free(release);
}

/* Five of ten within the share's range are nobody's secret; four of nine are: all but fewer than k of them are outside. */
static void a_share_that_tells_of_nearly_all_is_withheld(void **state)
{
    (void)state;
    add(1, 5, JANUARY, "2, 6, 8, 5, 100");
    add(11, 5, JANUARY, "2, 6, 8, 1, 100");
    add(1, 4, FEBRUARY, "2, 6, 8, 5, 100");
    add(11, 5, FEBRUARY, "2, 6, 8, 1, 100");
    struct release *release = publish("  t: {period: month, measures: {score: [share]}}\n", MARCH_1, 1);
    assert_table(release, 0,
                 "month cases score_n score_share score_status\n"
                 "2026-01 10 10 0.5000 published\n"
                 "2026-02 9 - - withheld\n");
    const struct released_column *share = released_column(release_table(release, 0), 3);
    assert_true(share->bounded && share->maximum == 1);
    release_free(release);
}

static void every_measure_figure(void **state)
{
    (void)state;
    static const char *const hours[] = { "100", "200", "300", "400", "500", "600" };
    for (int i = 0; i < 6; i++) {
        char rest[64];
        snprintf(rest, sizeof rest, "2, 6, 8, %d, %s", i % 5 + 1, hours[i]);
        add(1 + i, 1, JANUARY, rest);
    }
    struct release *release = publish(
        "  t: {period: month, measures: {hours: [sum, mean, sd, median, q10, q90]}}\n", MARCH_1, 2);
    assert_table(release, 0,
                 "month cases hours_n hours_sum hours_mean hours_sd hours_median hours_q10 hours_q90 hours_status\n"
                 "2026-01 6 6 21.00 3.5000 1.8708 - - - published\n");
    const struct released_table *table = release_table(release, 0);
    assert_string_equal(released_column(table, 2)->name, "hours_n");
    assert_int_equal(released_column(table, 2)->role, RELEASED_COUNT);
    assert_string_equal(released_column(table, 4)->unit, "hours");
    assert_int_equal(released_column(table, 0)->role, RELEASED_DIMENSION);
    assert_string_equal(
        released_column(table, 6)->title,
        "50 % quantile of the persons' mean hours: mean of the 5 or 6 persons around it, to multiples of 0.50.");
    release_free(release);
}

/* A period is in the release when its last day is over where the workspace is. */
static void only_what_is_over(void **state)
{
    (void)state;
    add(1, 5, JANUARY, "2, 6, 8, 5, 100");
    add(1, 5, FEBRUARY, "2, 6, 8, 5, 100");
    case_db_exec(&cases, "INSERT INTO case_shop (id, closed_day) SELECT (i << 24), NULL FROM"
                         " (SELECT 51 AS i UNION SELECT 52 UNION SELECT 53 UNION SELECT 54 UNION SELECT 55)");
    struct release *release = publish("  t: {period: month}\n", MARCH_1, 1);
    assert_table(release, 0, "month cases\n2026-01 5\n2026-02 5\n");
    release_free(release);
    release = publish("  t: {period: month}\n", BEFORE_MARCH, 1);
    assert_table(release, 0, "month cases\n2026-01 5\n");
    release_free(release);
    zone_free(zone);
    struct err err;
    assert_int_equal(zone_open(&zone, "Europe/Berlin", &err), 0);
    release = publish("  t: {period: month}\n", BEFORE_MARCH, 1);
    assert_table(release, 0, "month cases\n2026-01 5\n2026-02 5\n");
    release_free(release);
}

static void nothing_to_publish(void **state)
{
    (void)state;
    struct release *release = publish("  t: {period: month, by: [country], measures: {hours: [median]}}\n", MARCH_1, 1);
    assert_table(release, 0, "month region country cases hours_n hours_median hours_status\n");
    release_free(release);
    add(1, 4, JANUARY, "2, 6, 8, 5, 100");
    release = publish("  t: {period: month, by: [country], measures: {hours: [median]}}\n", MARCH_1, 1);
    assert_table(release, 0, "month region country cases hours_n hours_median hours_status\n");
    release_free(release);
}

/* Unidentified cases are one person: nine of them and three others are four persons. */
static void unidentified_cases(void **state)
{
    (void)state;
    add(1, 3, JANUARY, "2, 6, 8, 5, 100");
    for (int i = 1; i <= 9; i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "INSERT INTO case_shop (id, closed_day, d_country) VALUES (%d, %d, 2)", -i * 20000000,
                 JANUARY);
        case_db_exec(&cases, sql);
    }
    struct release *release = publish("  t: {period: month}\n", MARCH_1, 1);
    assert_table(release, 0, "month cases\n");
    release_free(release);
    add(9, 1, JANUARY, "2, 6, 8, 5, 100");
    release = publish("  t: {period: month}\n", MARCH_1, 1);
    assert_table(release, 0, "month cases\n2026-01 13\n");
    release_free(release);
}

/* The figures of a remainder: quantiles are none, the rest is exact. */
static void a_remainder_row(void **state)
{
    (void)state;
    add(1, 9, JANUARY, "2, 6, 8, NULL, 100");
    add(20, 3, JANUARY, "2, 7, 8, NULL, 200");
    add(30, 3, JANUARY, "2, NULL, 8, NULL, 500");
    struct release *release =
        publish("  t: {period: month, by: [brand], measures: {hours: [sum, mean, median]}}\n", MARCH_1, 1);
    assert_table(release, 0,
                 "month brand cases hours_n hours_sum hours_mean hours_median hours_status\n"
                 "2026-01 (total) 15 15 30.00 2.0000 1.00 published\n"
                 "2026-01 velora 9 9 9.00 1.0000 - published\n"
                 "2026-01 (withheld) 6 6 21.00 3.5000 - published\n");
    release_free(release);
}

/* West and north are too small alone, so are two countries of south, the last region: the inner remainder comes first. */
static void remainders_within_remainders(void **state)
{
    (void)state;
    case_db_exec(&cases, "INSERT INTO dimension_value (code, dimension, parent, level, label, named) VALUES"
                         " (30, 1, NULL, 1, 'east', 1), (31, 1, 30, 2, 'PL', 1),"
                         " (32, 1, 4, 2, 'ES', 1), (33, 1, 4, 2, 'PT', 1)");
    add(1, 9, JANUARY, "5, 6, 8, NULL, 100");
    add(20, 3, JANUARY, "32, 6, 8, NULL, 100");
    add(30, 3, JANUARY, "33, 6, 8, NULL, 100");
    add(40, 3, JANUARY, "31, 6, 8, NULL, 100");
    add(50, 3, JANUARY, "2, 6, 8, NULL, 100");
    struct release *release = publish("  t: {period: month, by: [country]}\n", MARCH_1, 1);
    assert_table(release, 0,
                 "month region country cases\n"
                 "2026-01 (total) (total) 21\n"
                 "2026-01 south (total) 15\n"
                 "2026-01 south IT 9\n"
                 "2026-01 south (withheld) 6\n"
                 "2026-01 (withheld) (total) 6\n");
    release_free(release);
}

static void a_table_without_margins(void **state)
{
    (void)state;
    add(1, 9, JANUARY, "2, 6, 8, NULL, 100");
    add(20, 3, JANUARY, "3, 6, 8, NULL, 200");
    struct release *release = publish("  t: {period: month, by: [country, brand], margins: none}\n", MARCH_1, 1);
    assert_table(release, 0, "month region country brand cases\n2026-01 north SE velora 9\n");
    release_free(release);
}

/* Same cases, same bytes: whatever the threads, and in whatever order the dictionary was filled. */
static void same_bytes(void **state)
{
    (void)state;
    case_db_exec(&cases, "INSERT INTO case_shop (id, closed_day, d_country, d_brand, d_age, m_score, m_hours)"
                         " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                         " SELECT ((i * 7919 % 700) << 24) + i, 20460 + i * 31 % 40, 2 + i * i % 7 % 2, 6 + i % 3 % 2,"
                         " 8 + i % 5 % 2, 1 + i % 5, i * 37 % 1000 FROM n");
    static const char *const lines =
        "  t: {period: month, by: [country, brand, age], measures: {score: [mean, sd], hours: [median, q25]}}\n"
        "  u: {period: month, by: [age], measures: {hours: [q75]}}\n";
    struct strbuf first = { 0 };
    for (size_t threads = 1; threads <= 8; threads++) {
        struct strbuf out = { 0 };
        struct release *release = publish(lines, MARCH_1, threads);
        dump(release_table(release, 0), &out);
        dump(release_table(release, 1), &out);
        release_free(release);
        if (threads == 1)
            first = out;
        else
            assert_string_equal(out.text, first.text);
        if (threads > 1)
            strbuf_release(&out);
    }
    assert_true(first.length > 2000);
    strbuf_release(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_share_that_tells_of_nearly_all_is_withheld, setup, teardown),
        cmocka_unit_test_setup_teardown(every_measure_figure, setup, teardown),
        cmocka_unit_test_setup_teardown(only_what_is_over, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_to_publish, setup, teardown),
        cmocka_unit_test_setup_teardown(unidentified_cases, setup, teardown),
        cmocka_unit_test_setup_teardown(a_remainder_row, setup, teardown),
        cmocka_unit_test_setup_teardown(remainders_within_remainders, setup, teardown),
        cmocka_unit_test_setup_teardown(a_table_without_margins, setup, teardown),
        cmocka_unit_test_setup_teardown(same_bytes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
