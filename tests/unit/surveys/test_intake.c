/* What the page may store in intake.db, and what can be seen of it from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "surveys/intake.h"

enum { NOW = 1769000000, EXPIRES = 1770000000 };

static char folder[] = "/tmp/test_intake.XXXXXX";
static struct db *intake;
static const char token[] = "00000000000000000000000000", secret[] = "11111111111111111111111111";

static void run_sql(const char *sql)
{
    assert_int_equal(db_exec(intake, sql, NULL), 0);
}

static int64_t number(const char *sql)
{
    int64_t value = -1;
    assert_int_equal(db_integer(intake, sql, &value, NULL), 0);
    return value;
}

static int set_up(void **state)
{
    (void)state;
    char path[64], sql[512], hex[2 * TOKEN_HASH_BYTES + 1];
    unsigned char hash[TOKEN_HASH_BYTES];
    snprintf(path, sizeof path, "%s/intake.db", folder);
    unlink(path);
    assert_int_equal(db_open(&intake, path, "intake", DB_CREATE, NULL), 0);
    token_hash(token, hash);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    snprintf(sql, sizeof sql,
             "INSERT INTO seal VALUES (1, x'0900000000000000000000000000000000000000000000000000000000000000');"
             "INSERT INTO approved VALUES ('s', x'%062d01');"
             "INSERT INTO ticket (token_hash, kind, survey, controller, wave, language, segment, anonymous, expires_at)"
             " VALUES (x'%s', 'answer', 's', 'nordhaus', 1, 'en', '{}', 1, %d)", 0, hex, EXPIRES);
    run_sql(sql);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(intake);
    return 0;
}

enum { ROOM = 1000 };

static enum intake_outcome give(enum intake_deed deed, const char *json, unsigned char questions)
{
    struct intake_job job = { .deed = deed, .json = { json, strlen(json) }, .now = NOW, .room = ROOM }, *jobs[] = { &job };
    memcpy(job.token, token, sizeof token);
    memcpy(job.secret, secret, sizeof secret);
    job.questions[INTAKE_DIGEST_BYTES - 1] = questions;
    assert_int_equal(intake_do(intake, jobs, 1, NULL), 0);
    return job.outcome;
}

/* The page looks before it shows a form; between that and the writing a night may have approved other questions. */
static void test_other_questions(void **state)
{
    (void)state;
    assert_int_equal(give(INTAKE_SAVE, "{}", 2), INTAKE_CHANGED);
    assert_int_equal(give(INTAKE_FINISH, "{}", 2), INTAKE_CHANGED);
    assert_int_equal(give(INTAKE_FINISH, "{}", 0), INTAKE_CHANGED);
    assert_int_equal(number("SELECT (SELECT count(*) FROM partial) + (SELECT count(*) FROM waiting) + sum(finished) FROM ticket"), 0);
    assert_int_equal(give(INTAKE_FINISH, "{}", 1), INTAKE_DONE);
    assert_int_equal(number("SELECT questions = (SELECT questions FROM approved) FROM waiting"), 1);
}

/* Of a survey of which no plan was approved nothing is taken. */
static void test_none_approved(void **state)
{
    (void)state;
    unsigned char questions[INTAKE_DIGEST_BYTES];
    run_sql("DELETE FROM approved");
    assert_int_equal(intake_approved(intake, "s", questions, NULL), 0);
    assert_int_equal(give(INTAKE_FINISH, "{}", 1), INTAKE_CHANGED);
}

/* The token alone, which messages hold and the token key makes, does not open what was saved. */
static void test_saved(void **state)
{
    (void)state;
    struct strbuf json = { 0 };
    assert_int_equal(intake_load_partial(intake, token, secret, &json, NULL), 0);
    assert_int_equal(give(INTAKE_SAVE, "{\"nps\":9}", 1), INTAKE_DONE);
    assert_int_equal(intake_load_partial(intake, token, token, &json, NULL), 0);
    assert_int_equal(intake_load_partial(intake, secret, secret, &json, NULL), 0);
    assert_int_equal(intake_load_partial(intake, token, secret, &json, NULL), 1);
    assert_string_equal(strbuf_text(&json), "{\"nps\":9}");
    assert_int_equal(give(INTAKE_FINISH, "{}", 1), INTAKE_DONE);
    assert_int_equal(intake_load_partial(intake, token, secret, &json, NULL), 0);
    strbuf_release(&json);
}

/* What was begun and what was sent, short or long, is of one size: who sees the files cannot match lengths. */
static void test_one_size(void **state)
{
    (void)state;
    static char long_text[ROOM + 1];
    const char *const texts[] = { "{}", "{\"nps\":9}", long_text };
    int64_t begun[3], sent[3];
    memset(long_text, 'x', ROOM);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(give(INTAKE_SAVE, texts[i], 1), INTAKE_DONE);
        begun[i] = number("SELECT length(sealed) FROM partial");
        assert_int_equal(give(INTAKE_FINISH, texts[i], 1), INTAKE_DONE);
        sent[i] = number("SELECT length(sealed) FROM waiting");
        run_sql("DELETE FROM waiting; UPDATE ticket SET finished = 0");
    }
    assert_true(sent[0] > ROOM && sent[0] == sent[1] && sent[1] == sent[2]);
    assert_true(begun[0] > ROOM && begun[0] == begun[1] && begun[1] == begun[2]);
}

static void test_promised(void **state)
{
    (void)state;
    assert_int_equal(intake_promised(intake, "s", NULL), 1);
    assert_int_equal(intake_promised(intake, "t", NULL), 0);
    run_sql("UPDATE ticket SET anonymous = 0");
    assert_int_equal(intake_promised(intake, "s", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_other_questions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_none_approved, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_saved, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_promised, set_up, tear_down),
    };
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char path[64];
    snprintf(path, sizeof path, "%s/intake.db", folder);
    unlink(path);
    rmdir(folder);
    return failed;
}
