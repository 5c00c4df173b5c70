/* stats/case_source: what of cases.db reaches the cube, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "case_db.h"
#include "core/strbuf.h"
#include "stats/case_source.h"
#include "stats/cell.h"

enum { JAN_15 = 20468, FEB_10 = 20494 };

static const char *const levels[] = { "region", "country" };
static const struct table_dimension month = { .name = "month", .is_period = true, .kind = PERIOD_MONTH };
static const struct table_dimension opened = {
    .name = "opened", .is_period = true, .of_opened = true, .kind = PERIOD_WEEKDAY
};
static const struct table_dimension country = { .name = "country", .level_names = levels, .level_count = 2 };
static const struct table_dimension brand = { .name = "brand" }, age = { .name = "age" }, fresh = { .name = "fresh" };
static const struct table_dimension *const dimensions[] = { &month, &country, &brand, &age, &opened, &fresh };
static const char *const measures[] = { "score", "hours", "later" };
static const struct case_request request = { .source = "shop", .dimensions = dimensions, .dimension_count = 6, .measures = measures, .measure_count = 3, .k = 5, .threads = 1 };

static struct case_db cases;

static int setup(void **state)
{
    (void)state;
    case_db_open(&cases);
    case_db_shop(&cases);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    case_db_close(&cases);
    return 0;
}

/* All rows of all parts as text: "person month region/country brand age weekday fresh score hours later". */
static int dump(const struct case_request *wanted, struct strbuf *out, struct err *err)
{
    struct case_source *source = NULL;
    int result = case_source_open(&source, cases.db, wanted, err);
    if (result)
        return result;
    const struct row_source *rows = case_source_rows(source);
    const struct dimension *dims = case_source_dimensions(source);
    void *reader = NULL;
    result = rows->parts ? rows->open(rows, &reader, err) : 0;
    for (size_t part = 0; part < rows->parts && !result; part++) {
        struct rows batch;
        result = rows->seek(reader, part, err);
        while (!result && (result = rows->next(reader, &batch, err)) > 0) {
            result = 0;
            for (size_t r = 0; r < batch.count; r++) {
                strbuf_addf(out, "%lld", (long long)batch.person[r]);
                for (size_t d = 0; d < rows->dimensions; d++) {
                    const struct domain_node *node = &dims[d].nodes[batch.nodes[r * rows->dimensions + d]];
                    strbuf_addf(out, " %s%s%s", node->level == 2 ? dims[d].nodes[node->parent].label : "",
                                node->level == 2 ? "/" : "", node->label);
                }
                for (size_t m = 0; m < rows->measures; m++) {
                    int64_t value = batch.values[r * rows->measures + m];
                    if (value == ROWS_NO_VALUE)
                        strbuf_adds(out, " -");
                    else
                        strbuf_addf(out, " %lld", (long long)value);
                }
                strbuf_addc(out, '\n');
            }
        }
    }
    if (reader)
        rows->close(reader);
    case_source_free(source);
    return result;
}

static void assert_rows(const struct case_request *wanted, const char *expected)
{
    struct strbuf out = { 0 };
    struct err err = { 0 };
    if (dump(wanted, &out, &err))
        fail_msg("%s", err.message);
    assert_string_equal(strbuf_text(&out), expected);
    strbuf_release(&out);
}

static void add(int64_t person, int64_t number, int closed_day, const char *rest)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "INSERT INTO case_shop (id, closed_day, opened_day, held, d_country, d_brand, d_age, m_score, m_hours)"
             " VALUES (%lld, %d, %s)",
             (long long)(person * (INT64_C(1) << 24) + number), closed_day, rest);
    case_db_exec(&cases, sql);
}

static void rows_as_stored(void **state)
{
    (void)state;
    add(7, 2, FEB_10, "20492, 0, 5, 7, NULL, NULL, 1250");
    add(7, 1, JAN_15, "NULL, 0, 2, 6, 8, 5, NULL");
    add(INT64_C(1) << 38, 1, JAN_15, "NULL, 0, 3, 7, 9, 1, -3");
    add(8, 1, JAN_15, "NULL, 1, 3, 7, 9, 1, 1"); /* held: out of statistics */
    case_db_exec(&cases,
                 "INSERT INTO case_shop (id, closed_day, d_country, d_brand, d_age) VALUES (-5, 20468, NULL, 6, 8),"
                 " (-6, 20468, 3, 6, 8)");
    assert_rows(&request, "-1 2026-01 north/DK velora 50+ (missing) (missing) - - -\n"
                          "-1 2026-01 (missing)/(missing) velora 50+ (missing) (missing) - - -\n"
                          "7 2026-01 north/SE velora 50+ (missing) (missing) 5 - -\n"
                          "7 2026-02 south/IT nordhaus (missing) Sunday (missing) - 1250 -\n"
                          "274877906944 2026-01 north/DK nordhaus under 50 (missing) (missing) 1 -3 -\n");
}

static void dimensions_and_measures(void **state)
{
    (void)state;
    struct case_source *source = NULL;
    struct err err;
    assert_int_equal(case_source_open(&source, cases.db, &request, &err), 0);
    const struct dimension *dims = case_source_dimensions(source);
    assert_string_equal(dims[0].columns[0], "month");
    assert_int_equal(dims[1].levels, 2);
    assert_string_equal(dims[1].columns[0], "region");
    assert_string_equal(dims[1].columns[1], "country");
    assert_string_equal(dims[3].nodes[1].label, "under 50"); /* by position */
    assert_string_equal(dims[3].nodes[2].label, "50+");
    assert_int_equal(case_source_measures(source)[1].decimals, 2);
    assert_string_equal(case_source_measures(source)[1].unit, "hours");
    assert_null(case_source_measures(source)[0].unit);
    assert_null(dims[1].last_day);
    case_source_free(source);
}

static void nothing_read_yet(void **state)
{
    (void)state;
    struct case_request other = request;
    assert_rows(&request, "");
    other.source = "other";
    assert_rows(&other, "");
}

/* k = 5: a brand that five persons have keeps its name, one of four persons with many cases does not. */
static void rare_labels(void **state)
{
    (void)state;
    case_db_exec(&cases, "UPDATE dimension_value SET named = 0 WHERE code IN (4, 5, 6, 7)");
    struct strbuf expected = { 0 };
    for (int person = 1; person <= 9; person++)
        for (int i = 1; i <= (person <= 4 ? 3 : 1); i++) {
            add(person, i, JAN_15, person <= 4 ? "NULL, 0, 2, 6, 8, NULL, NULL" : "NULL, 0, 5, 7, 8, NULL, NULL");
            strbuf_addf(&expected, "%d %s %s\n", person, person <= 4 ? "north/SE" : "south/IT",
                        person <= 4 ? "(other)" : "nordhaus");
        }
    struct case_request two = { .source = "shop", .dimensions = dimensions + 1, .dimension_count = 2, .measures = NULL, .measure_count = 0, .k = 5, .threads = 2 };
    assert_rows(&two, expected.text);
    case_db_exec(&cases, "UPDATE case_shop SET d_country = 2, d_brand = 6 WHERE id >> 24 = 9");
    two.threads = 1;
    struct strbuf out = { 0 };
    struct err err;
    assert_int_equal(dump(&two, &out, &err), 0);
    assert_non_null(strstr(out.text, "1 north/SE velora\n"));
    assert_non_null(strstr(out.text, "5 (other)/(other) (other)\n"));
    strbuf_release(&out);
    strbuf_release(&expected);
}

/* When `country` was flat, north was a leaf; when it had three levels, there was something below SE. */
static void values_of_other_depths(void **state)
{
    (void)state;
    case_db_exec(&cases, "INSERT INTO dimension_value (code, dimension, parent, level, label, named)"
                         " VALUES (20, 1, 2, 3, 'Stockholm', 1)");
    add(1, 1, JAN_15, "NULL, 0, 1, 6, 8, NULL, NULL");
    add(2, 1, JAN_15, "NULL, 0, 20, 6, 8, NULL, NULL");
    struct case_request one = { .source = "shop", .dimensions = dimensions + 1, .dimension_count = 1, .measures = NULL, .measure_count = 0, .k = 5, .threads = 1 };
    assert_rows(&one, "1 north/(missing)\n2 north/SE\n");
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *message;
    } rows[] = {
        { "INSERT INTO case_shop (id, closed_day, d_brand) VALUES (1, 20468, 99)",
          "column 'd_brand' of 'case_shop' holds a value that has no meaning" },
        { "INSERT INTO case_shop (id, closed_day, d_brand) VALUES (1, 20468, 2)",
          "column 'd_brand' of 'case_shop' holds a value that has no meaning" },
        { "INSERT INTO case_shop (id, closed_day, d_country) VALUES (1, 20468, -1)",
          "column 'd_country' of 'case_shop' holds a value that has no meaning" },
        { "INSERT INTO case_shop (id, closed_day) VALUES (1, 90000)",
          "column 'closed_day' of 'case_shop' holds a value that has no meaning" },
        { "INSERT INTO case_shop (id, closed_day, m_hours) VALUES (1, 20468, 1000000000000001)",
          "column 'm_hours' of 'case_shop' holds a value that is too large" },
        { "INSERT INTO case_shop (id, closed_day, m_hours) VALUES (1, 20468, -9223372036854775808)",
          "column 'm_hours' of 'case_shop' holds a value that is too large" },
        { "UPDATE dimension_value SET parent = 6 WHERE code = 2", "the dictionary of dimension 'country' is broken" },
        { "UPDATE dimension SET levels = 0 WHERE dimension = 2", "dimension 'brand' has no levels" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct strbuf out = { 0 };
        struct err err = { 0 };
        case_db_exec(&cases, "BEGIN");
        case_db_exec(&cases, rows[i].sql);
        case_db_exec(&cases, "COMMIT");
        assert_int_equal(dump(&request, &out, &err), ERR_DATA);
        assert_string_equal(err.message, rows[i].message);
        case_db_exec(&cases, "DELETE FROM case_shop; UPDATE dimension_value SET parent = 1 WHERE code = 2;"
                             "UPDATE dimension SET levels = 1 WHERE dimension = 2");
        strbuf_release(&out);
    }
}

/* Every row comes once, in whichever part, and persons are not torn apart. */
static void parts_cover_all(void **state)
{
    (void)state;
    case_db_exec(&cases, "INSERT INTO case_shop (id, closed_day) WITH RECURSIVE n(i) AS"
                         " (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999)"
                         " SELECT ((3 + i / 3 * 37) << 24) + i % 3, 20468 FROM n");
    case_db_exec(&cases, "INSERT INTO case_shop (id, closed_day) VALUES (0, 20468), (-1, 20468)");
    struct case_request one = { .source = "shop", .dimensions = dimensions, .dimension_count = 1, .measures = NULL, .measure_count = 0, .k = 5, .threads = 1 };
    struct strbuf out = { 0 };
    struct err err;
    assert_int_equal(dump(&one, &out, &err), 0);
    size_t lines = 0;
    long long previous = -2;
    for (const char *line = out.text; *line; line = strchr(line, '\n') + 1, lines++) {
        long long person = strtoll(line, NULL, 10);
        assert_true(person >= previous);
        previous = person;
    }
    assert_int_equal(lines, 3002);
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_as_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(dimensions_and_measures, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_read_yet, setup, teardown),
        cmocka_unit_test_setup_teardown(rare_labels, setup, teardown),
        cmocka_unit_test_setup_teardown(values_of_other_depths, setup, teardown),
        cmocka_unit_test_setup_teardown(refused, setup, teardown),
        cmocka_unit_test_setup_teardown(parts_cover_all, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
