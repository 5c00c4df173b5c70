#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/db.h"

static char folder[] = "/tmp/fallzahl-db-XXXXXX";
static char path[64], wal[80], shm[80];

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int make_paths(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/cases.db", folder);
    snprintf(wal, sizeof wal, "%s-wal", path);
    snprintf(shm, sizeof shm, "%s-shm", path);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(path);
    unlink(wal);
    unlink(shm);
    return 0;
}

static struct db *create(void)
{
    struct db *db = NULL;
    struct err err;
    if (db_open(&db, path, "cases", DB_CREATE, &err))
        fail_msg("%s", err.message);
    return db;
}

static void must(int code)
{
    assert_int_equal(code, 0);
}

static int64_t integer(struct db *db, const char *sql)
{
    int64_t value = -1;
    must(db_integer(db, sql, &value, NULL));
    return value;
}

static unsigned mode_of(const char *file)
{
    struct stat status;
    assert_int_equal(stat(file, &status), 0);
    return status.st_mode & 07777;
}

/* Changes the file behind the program's back. */
static void meddle(const char *sql)
{
    sqlite3 *raw;
    assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
}

static void test_modes_do_not_depend_on_the_umask(void **state)
{
    (void)state;
    mode_t old = umask(0);
    struct db *db = create();
    must(db_exec(db, "CREATE TABLE t (a INTEGER) STRICT", NULL));
    umask(old);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(mode_of(wal), 0600);
    assert_int_equal(mode_of(shm), 0600);
    db_close(db);
}

static void test_settings(void **state)
{
    (void)state;
    struct db *db = create();
    assert_int_equal(integer(db, "PRAGMA synchronous"), 2);
    assert_int_equal(integer(db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(integer(db, "PRAGMA secure_delete"), 1);
    assert_int_equal(integer(db, "PRAGMA trusted_schema"), 0);
    assert_int_equal(integer(db, "PRAGMA temp_store"), 2);
    /* Defensive: the schema cannot be written even with writable_schema. */
    must(db_exec(db, "PRAGMA writable_schema = ON", NULL));
    assert_int_not_equal(db_exec(db, "DELETE FROM sqlite_schema", NULL), 0);
    db_close(db);
}

static void test_migrates_once_and_keeps_content(void **state)
{
    (void)state;
    struct db *db = create();
    int64_t version = integer(db, "PRAGMA user_version");
    assert_true(version >= 1);
    must(db_exec(db, "INSERT INTO source VALUES (7, 'x', 1, 0)", NULL));
    db_close(db);
    db = create();
    assert_int_equal(integer(db, "PRAGMA user_version"), version);
    assert_int_equal(integer(db, "SELECT source FROM source"), 7);
    db_close(db);
}

static void test_newer_database_is_refused(void **state)
{
    (void)state;
    struct db *db = create();
    struct err err;
    db_close(db);
    meddle("PRAGMA user_version = 999");
    db = NULL;
    assert_int_equal(db_open(&db, path, "cases", DB_WRITE, &err), ERR_DATA);
    assert_non_null(strstr(err.message, "999"));
    assert_null(db);
    assert_int_equal(db_open(&db, path, "cases", DB_READ, NULL), ERR_DATA);
}

static void test_older_database_is_not_read(void **state)
{
    (void)state;
    db_close(create());
    meddle("PRAGMA user_version = 0");
    struct db *db = NULL;
    assert_int_equal(db_open(&db, path, "cases", DB_READ, NULL), ERR_DATA);
}

static void test_other_schema_is_refused(void **state)
{
    (void)state;
    db_close(create());
    meddle("PRAGMA application_id = 5");
    struct db *db = NULL;
    assert_int_equal(db_open(&db, path, "cases", DB_WRITE, NULL), ERR_DATA);
}

static void test_missing_file(void **state)
{
    (void)state;
    struct db *db = NULL;
    assert_int_equal(db_open(&db, path, "cases", DB_WRITE, NULL), ERR_NOINPUT);
    assert_int_equal(db_open(&db, path, "cases", DB_READ, NULL), ERR_NOINPUT);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_open_file_modes_and_links_are_refused(void **state)
{
    (void)state;
    struct db *db = NULL;
    char real[80];
    db_close(create());
    chmod(path, 0640);
    assert_int_equal(db_open(&db, path, "cases", DB_WRITE, NULL), ERR_PERMISSION);
    chmod(path, 0600);
    snprintf(real, sizeof real, "%s.real", path);
    assert_int_equal(rename(path, real), 0);
    assert_int_equal(symlink(real, path), 0);
    assert_int_equal(db_open(&db, path, "cases", DB_CREATE, NULL), ERR_PERMISSION);
    unlink(real);
}

static void test_garbage_is_corrupt(void **state)
{
    (void)state;
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    char garbage[4096];
    memset(garbage, 'x', sizeof garbage);
    assert_int_equal(write(fd, garbage, sizeof garbage), (int)sizeof garbage);
    close(fd);
    struct db *db = NULL;
    assert_int_equal(db_open(&db, path, "cases", DB_CREATE, NULL), ERR_DATA);
}

/* All pages but the first overwritten: opening may succeed, reading must not. */
static void test_overwritten_pages_are_corrupt(void **state)
{
    (void)state;
    struct stat status;
    char garbage[4096];
    struct db *db = create();
    must(db_checkpoint(db, NULL));
    must(db_verify(db, NULL));
    db_close(db);
    memset(garbage, 0xa5, sizeof garbage);
    assert_int_equal(stat(path, &status), 0);
    int fd = open(path, O_WRONLY);
    for (off_t at = 4096; at < status.st_size; at += 4096)
        assert_int_equal(pwrite(fd, garbage, sizeof garbage, at), (int)sizeof garbage);
    close(fd);
    db = NULL;
    int code = db_open(&db, path, "cases", DB_WRITE, NULL);
    if (code == 0) {
        code = db_verify(db, NULL);
        assert_int_equal(db_exec(db, "INSERT INTO source VALUES (1, 'x', 1, 0)", NULL), ERR_DATA);
        db_close(db);
    }
    assert_int_equal(code, ERR_DATA);
}

static void test_reader_cannot_write(void **state)
{
    (void)state;
    struct db *writer = create(), *reader = NULL;
    must(db_open(&reader, path, "cases", DB_READ, NULL));
    assert_int_equal(db_exec(reader, "INSERT INTO source VALUES (1, 'x', 1, 0)", NULL), ERR_PERMISSION);
    must(db_exec(writer, "INSERT INTO source VALUES (1, 'x', 1, 0)", NULL));
    assert_int_equal(integer(reader, "SELECT count(*) FROM source"), 1);
    db_close(reader);
    db_close(writer);
}

static void test_second_writer_is_told_to_try_again(void **state)
{
    (void)state;
    struct db *first = create(), *second = create();
    db_set_wait_ms(second, 0);
    must(db_begin(first, NULL));
    assert_int_equal(db_begin(second, NULL), ERR_AGAIN);
    db_rollback(first);
    must(db_begin(second, NULL));
    db_close(second); /* rolls back */
    must(db_begin(first, NULL));
    db_close(first);
}

static void test_strict_tables_and_foreign_keys(void **state)
{
    (void)state;
    struct db *db = create();
    assert_int_not_equal(db_exec(db, "INSERT INTO source VALUES (1, 'x', 'many', 0)", NULL), 0);
    assert_int_not_equal(db_exec(db, "INSERT INTO measure VALUES (1, 77, 'x', NULL, 0, NULL, NULL, 0)", NULL), 0);
    db_close(db);
}

static void test_binding_and_reading(void **state)
{
    (void)state;
    struct db *db = create();
    struct stmt *stmt;
    size_t length;
    must(db_prepare_text(db, "SELECT :a, :b, :c, :d, :e, :f, :g", &stmt, NULL));
    stmt_bind_integer(stmt, ":a", INT64_MIN);
    stmt_bind_real(stmt, ":b", 0.5);
    stmt_bind_text(stmt, ":c", "Köln and more", 5);
    stmt_set_blob(stmt, 4, "\0\1", 2);
    stmt_bind_null(stmt, ":e");
    stmt_bind_string(stmt, ":f", "Köln\0and more");
    stmt_bind_string(stmt, ":g", NULL);
    assert_int_equal(stmt_step(stmt, NULL), 1);
    assert_true(stmt_integer(stmt, 0) == INT64_MIN);
    assert_true(stmt_real(stmt, 1) == 0.5);
    assert_string_equal(stmt_text(stmt, 2, &length), "Köln");
    assert_int_equal(length, 5);
    assert_memory_equal(stmt_blob(stmt, 3, &length), "\0\1", 2);
    assert_int_equal(length, 2);
    assert_true(stmt_is_null(stmt, 4));
    assert_string_equal(stmt_text(stmt, 5, &length), "Köln");
    assert_int_equal(length, 5);
    assert_true(stmt_is_null(stmt, 6));
    assert_false(stmt_is_null(stmt, 0));
    assert_int_equal(stmt_step(stmt, NULL), 0);
    must(stmt_run(stmt, NULL));
    assert_int_equal(stmt_step(stmt, NULL), 1); /* stmt_run cleared the bindings */
    assert_true(stmt_is_null(stmt, 0));
    stmt_free(stmt);
    db_close(db);
}

/* Ends the child with status 70 when `what` is a bug. */
static void expect_bug(void (*what)(void))
{
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO);
        what();
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
}

static void prepare_two(void)
{
    struct stmt *stmt;
    db_prepare_text(create(), "SELECT 1; SELECT 2", &stmt, NULL);
}

static void prepare_unnamed(void)
{
    struct stmt *stmt;
    db_prepare_text(create(), "SELECT ?", &stmt, NULL);
}

static void bind_unknown(void)
{
    struct stmt *stmt;
    db_prepare_text(create(), "SELECT :a", &stmt, NULL);
    stmt_bind_integer(stmt, ":b", 1);
}

static void bind_outside(void)
{
    struct stmt *stmt;
    db_prepare_text(create(), "SELECT :a", &stmt, NULL);
    stmt_set_integer(stmt, 2, 1);
}

static void prepare_unknown_file(void)
{
    struct stmt *stmt;
    db_prepare(create(), "core/sql/none.sql", "x", &stmt, NULL);
}

static void identifier_injected(void)
{
    db_identifier("a; DROP TABLE person");
}

static void identifier_empty(void)
{
    db_identifier("");
}

static void test_misuse_is_a_bug(void **state)
{
    (void)state;
    expect_bug(prepare_two);
    expect_bug(prepare_unnamed);
    expect_bug(bind_unknown);
    expect_bug(bind_outside);
    expect_bug(prepare_unknown_file);
    expect_bug(identifier_injected);
    expect_bug(identifier_empty);
    assert_string_equal(db_identifier("order_value2"), "order_value2");
}

static void test_deleted_bytes_are_gone_after_a_checkpoint(void **state)
{
    (void)state;
    static const char canary[] = "canary-4711-canary";
    struct db *db = create();
    must(db_exec(db, "INSERT INTO source VALUES (1, 'canary-4711-canary', 1, 0)", NULL));
    must(db_exec(db, "DELETE FROM source", NULL));
    must(db_checkpoint(db, NULL));
    static char bytes[1 << 20];
    int fd = open(path, O_RDONLY);
    ssize_t length = read(fd, bytes, sizeof bytes);
    close(fd);
    assert_true(length > 4096);
    assert_null(memmem(bytes, (size_t)length, canary, strlen(canary)));
    struct stat status;
    assert_int_equal(stat(wal, &status), 0);
    assert_int_equal(status.st_size, 0);
    db_close(db);
}

static uint64_t random_state = 7;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % limit;
}

static void churn(struct db *db, const char *sql, uint32_t number, uint32_t row)
{
    unsigned char key[16] = { 0 };
    struct stmt *stmt;
    for (int i = 0; i < 4; i++) {
        key[i] = (unsigned char)(number * 2654435761u >> (8 * i));
        key[4 + i] = (unsigned char)(number >> (8 * i));
    }
    memcpy(key + 11, "\xc3\x5a\x3c\xa5\xc3", 5);
    must(db_prepare_text(db, sql, &stmt, NULL));
    stmt_bind_blob(stmt, ":key", key, sizeof key);
    stmt_bind_integer(stmt, ":row", row);
    must(stmt_run(stmt, NULL));
    stmt_free(stmt);
}

/* Keys come in any order and go again, so that pages split, fill and join; every one bears a mark. secure_delete alone
 * leaves some of them. */
static void test_nothing_is_left_of_many_deletions(void **state)
{
    (void)state;
    enum { ROUNDS = 12, EACH = 1500 };
    struct db *db = create();
    must(db_exec(db, "CREATE TABLE k (key BLOB PRIMARY KEY, row INTEGER) STRICT, WITHOUT ROWID;"
                     "CREATE TABLE t (row INTEGER PRIMARY KEY, key BLOB) STRICT", NULL));
    for (uint32_t round = 0; round < ROUNDS; round++) {
        must(db_begin(db, NULL));
        for (uint32_t i = 0; i < EACH; i++) {
            uint32_t number = round * EACH + i, row = number * 2654435761u;
            churn(db, "INSERT INTO k VALUES (:key, :row)", number, row);
            churn(db, "INSERT INTO t VALUES (:row, :key)", number, row);
            uint32_t old = random_below(number + 1);
            churn(db, "DELETE FROM k WHERE key = :key AND :row IS NOT NULL", old, 0);
            churn(db, "DELETE FROM t WHERE row = :row AND key = :key", old, old * 2654435761u);
        }
        must(db_commit(db, NULL));
        if (round % 4 == 3)
            must(db_checkpoint(db, NULL));
    }
    must(db_exec(db, "DELETE FROM k; DELETE FROM t WHERE row % 2", NULL));
    int64_t alive = integer(db, "SELECT count(*) FROM t");
    must(db_checkpoint(db, NULL));
    must(db_verify(db, NULL));
    db_close(db);
    static unsigned char bytes[8 << 20];
    int fd = open(path, O_RDONLY);
    ssize_t length = read(fd, bytes, sizeof bytes);
    close(fd);
    assert_true(length > 0 && length < (ssize_t)sizeof bytes);
    int64_t found = 0;
    for (ssize_t at = 0; at + 5 <= length; at++)
        found += memcmp(bytes + at, "\xc3\x5a\x3c\xa5\xc3", 5) == 0;
    assert_true(alive > 100);
    assert_int_equal(found, alive);
}

/* The child commits rows one by one and reports each; then it writes a long transaction that it never commits. */
static void write_until_killed(int report)
{
    struct db *db = create();
    must(db_exec(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT; PRAGMA cache_size = 10", NULL));
    for (int i = 0; i < 20; i++) {
        must(db_exec(db, "INSERT INTO t (b) VALUES ('committed')", NULL));
        if (write(report, "c", 1) != 1)
            _exit(1);
    }
    must(db_begin(db, NULL));
    must(db_exec(db,
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)"
                 "INSERT INTO t (b) SELECT 'lost ' || i FROM n",
                 NULL));
    if (write(report, "x", 1) != 1)
        _exit(1);
    pause();
}

static void test_killed_process_keeps_what_was_committed(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        write_until_killed(ends[1]);
    char c = 0;
    while (c != 'x')
        assert_int_equal(read(ends[0], &c, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    struct db *db = create();
    must(db_verify(db, NULL));
    assert_int_equal(integer(db, "SELECT count(*) FROM t"), 20);
    assert_int_equal(integer(db, "SELECT count(*) FROM t WHERE b <> 'committed'"), 0);
    db_close(db);
}

/* As after a power cut: the log's last transaction is torn in the middle. */
static void test_torn_log_loses_only_the_last_transaction(void **state)
{
    (void)state;
    char copy[80], copy_wal[88], command[512];
    struct stat status;
    struct db *db = create();
    must(db_exec(db, "CREATE TABLE t (a INTEGER) STRICT", NULL));
    must(db_checkpoint(db, NULL));
    must(db_exec(db, "INSERT INTO t VALUES (1)", NULL));
    assert_int_equal(stat(wal, &status), 0);
    off_t before = status.st_size;
    must(db_exec(db, "INSERT INTO t VALUES (2)", NULL));
    assert_int_equal(stat(wal, &status), 0);
    assert_true(status.st_size > before);
    snprintf(copy, sizeof copy, "%s.cut", path);
    snprintf(copy_wal, sizeof copy_wal, "%s-wal", copy);
    snprintf(command, sizeof command, "cp -p '%s' '%s' && cp -p '%s' '%s'", path, copy, wal, copy_wal);
    assert_int_equal(system(command), 0);
    db_close(db);
    assert_int_equal(truncate(copy_wal, before + 100), 0);
    must(db_open(&db, copy, "cases", DB_WRITE, NULL));
    assert_int_equal(integer(db, "SELECT sum(a) FROM t"), 1);
    db_close(db);
    unlink(copy);
}

static void test_failed_commit_or_rollback_leaves_no_transaction(void **state)
{
    (void)state;
    struct db *db = create();
    must(db_begin(db, NULL));
    must(db_exec(db, "INSERT INTO source VALUES (1, 'x', 1, 0)", NULL));
    db_rollback(db);
    db_rollback(db);
    assert_int_equal(integer(db, "SELECT count(*) FROM source"), 0);
    must(db_begin(db, NULL));
    must(db_commit(db, NULL));
    db_close(db);
    db_close(NULL);
}

static void test_nothing_of_a_rehearsal_is_kept(void **state)
{
    (void)state;
    struct db *db = create();
    must(db_rehearse(db, NULL));
    must(db_exec(db, "INSERT INTO counter VALUES ('a', 1)", NULL)); /* outside a transaction, as it seems */
    must(db_begin(db, NULL));
    must(db_exec(db, "INSERT INTO counter VALUES ('b', 1)", NULL));
    must(db_commit(db, NULL));
    db_rollback(db); /* no-op */
    must(db_begin(db, NULL));
    must(db_exec(db, "INSERT INTO counter VALUES ('c', 1)", NULL));
    db_rollback(db);
    must(db_checkpoint(db, NULL));
    assert_int_equal(integer(db, "SELECT count(*) FROM counter WHERE name IN ('a', 'b', 'c')"), 2);
    db_close(db);
    db = create();
    assert_int_equal(integer(db, "SELECT count(*) FROM counter WHERE name IN ('a', 'b', 'c')"), 0);
    db_close(db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_paths, remove_files)
    const struct CMUnitTest tests[] = {
        TEST(test_modes_do_not_depend_on_the_umask),
        TEST(test_settings),
        TEST(test_migrates_once_and_keeps_content),
        TEST(test_newer_database_is_refused),
        TEST(test_older_database_is_not_read),
        TEST(test_other_schema_is_refused),
        TEST(test_missing_file),
        TEST(test_open_file_modes_and_links_are_refused),
        TEST(test_garbage_is_corrupt),
        TEST(test_overwritten_pages_are_corrupt),
        TEST(test_reader_cannot_write),
        TEST(test_second_writer_is_told_to_try_again),
        TEST(test_strict_tables_and_foreign_keys),
        TEST(test_binding_and_reading),
        TEST(test_misuse_is_a_bug),
        TEST(test_deleted_bytes_are_gone_after_a_checkpoint),
        TEST(test_nothing_is_left_of_many_deletions),
        TEST(test_killed_process_keeps_what_was_committed),
        TEST(test_torn_log_loses_only_the_last_transaction),
        TEST(test_failed_commit_or_rollback_leaves_no_transaction),
        TEST(test_nothing_of_a_rehearsal_is_kept),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
