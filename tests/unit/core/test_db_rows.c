#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/db_rows.h"

static char folder[] = "/tmp/fallzahl-rows-XXXXXX";
static char path[64];
static struct db *db;

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/cases.db", folder);
    return db_open(&db, path, "cases", DB_CREATE, NULL) ||
           db_exec(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c INTEGER) STRICT", NULL);
}

static int end(void **state)
{
    (void)state;
    db_close(db);
    unlink(path);
    return rmdir(folder);
}

static void cell(const void *context, size_t row, int column, struct db_cell *out)
{
    static const char texts[][4] = { "ab\0", "cd\0", "ef\0" };
    const int64_t *numbers = context;
    if (column == 0)
        db_cell_integer(out, numbers[row]);
    else if (column == 1)
        db_cell_blob(out, texts[row % 3], 3);
    else if (column == 255)
        db_cell_integer(out, -1); /* column 2 stays NULL */
}

static int64_t integer(const char *sql)
{
    int64_t value = -99;
    assert_int_equal(db_integer(db, sql, &value, NULL), 0);
    return value;
}

static void test_rows_go_into_a_table(void **state)
{
    static const int64_t numbers[] = { 3, 5, INT64_MAX };
    const struct db_rows rows = { 3, numbers, cell };
    struct stmt *stmt;
    (void)state;
    assert_int_equal(db_prepare_text(db, "INSERT INTO t SELECT c0, c1, c2 FROM rows", &stmt, NULL), 0);
    int64_t changed;
    assert_int_equal(db_run_over(db, &rows, stmt, &changed, NULL), 0);
    assert_int_equal(changed, 3);
    assert_int_equal(integer("SELECT count(*) FROM t WHERE b = x'636400' AND a = 5 AND c IS NULL"), 1);
    assert_int_equal(integer("SELECT max(a) = 9223372036854775807 FROM t"), 1);
    assert_int_equal(db_run_over(db, &rows, stmt, NULL, NULL), ERR_INTERNAL); /* the keys are there */
    stmt_free(stmt);
}

static void count_cell(const void *context, size_t row, int column, struct db_cell *out)
{
    (void)context;
    if (column == 0)
        db_cell_integer(out, (int64_t)row + 1);
}

static void test_rows_that_need_several_statements(void **state)
{
    static const size_t counts[] = { 0, 1, 63, 64, 65, 1000 };
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const struct db_rows rows = { counts[i], NULL, count_cell };
        struct stmt *stmt;
        int64_t changed = -1;
        assert_int_equal(db_exec(db, "CREATE TABLE many (a INTEGER PRIMARY KEY) STRICT", NULL), 0);
        assert_int_equal(db_prepare_text(db, "INSERT INTO many SELECT c0 FROM rows", &stmt, NULL), 0);
        assert_int_equal(db_run_over(db, &rows, stmt, &changed, NULL), 0);
        assert_int_equal(changed, counts[i]);
        assert_int_equal(integer("SELECT count(*) FROM many"), counts[i]);
        assert_int_equal(integer("SELECT coalesce(sum(a), 0) FROM many"), counts[i] * (counts[i] + 1) / 2);
        stmt_free(stmt);
        assert_int_equal(db_exec(db, "DROP TABLE many", NULL), 0);
    }
}

static void test_rows_join_a_table_in_their_order(void **state)
{
    static const int64_t numbers[] = { 5, 4, 3 };
    const struct db_rows rows = { 3, numbers, cell };
    struct stmt *stmt;
    (void)state;
    assert_int_equal(db_prepare_text(db, "SELECT r.c0, r.c255 FROM rows AS r CROSS JOIN t ON t.a = r.c0", &stmt, NULL), 0);
    db_set_rows(db, &rows);
    assert_int_equal(stmt_step(stmt, NULL), 1);
    assert_int_equal(stmt_integer(stmt, 0), 5);
    assert_int_equal(stmt_integer(stmt, 1), -1);
    assert_int_equal(stmt_step(stmt, NULL), 1);
    assert_int_equal(stmt_integer(stmt, 0), 3);
    assert_int_equal(stmt_step(stmt, NULL), 0);
    db_set_rows(db, NULL);
    assert_int_equal(stmt_step(stmt, NULL), 0);
    stmt_free(stmt);
}

static void test_nothing_to_show(void **state)
{
    const struct db_rows none = { 0, NULL, cell };
    (void)state;
    assert_int_equal(integer("SELECT count(*) FROM rows"), 0);
    db_set_rows(db, &none);
    assert_int_equal(integer("SELECT count(*) FROM rows"), 0);
    db_set_rows(db, NULL);
}

static void test_not_from_a_schema(void **state)
{
    (void)state;
    assert_int_equal(db_exec(db, "CREATE VIEW v AS SELECT * FROM rows", NULL), 0);
    int64_t value;
    assert_int_not_equal(db_integer(db, "SELECT count(*) FROM v", &value, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_go_into_a_table),
        cmocka_unit_test(test_rows_that_need_several_statements),
        cmocka_unit_test(test_rows_join_a_table_in_their_order),
        cmocka_unit_test(test_nothing_to_show),
        cmocka_unit_test(test_not_from_a_schema),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
