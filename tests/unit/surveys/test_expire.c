/* Invitations and recipients end when nobody can use them any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/calendar.h"
#include "surveys/definition.h"
#include "surveys/expire.h"

#include "tests/unit/surveys/people.h"

static struct db *intake;

static int setup(void **state)
{
    return people_setup(state) || db_open(&intake, path("intake.db"), "intake", DB_CREATE, NULL);
}

static int teardown(void **state)
{
    db_close(intake);
    return people_teardown(state);
}

static int64_t number(struct db *db, const char *sql)
{
    int64_t value = -1;
    assert_int_equal(db_integer(db, sql, &value, NULL), 0);
    return value;
}

static void run(struct db *db, const char *sql)
{
    struct err err;
    if (db_exec(db, sql, &err))
        fail_msg("%s", err.message);
}

/* A recipient with an invitation of its own number, made and expiring at the instants. */
static void invite(int64_t recipient, int64_t made_at, int64_t expires_at)
{
    char sql[256];
    snprintf(sql, sizeof sql, "CREATE TEMP TABLE IF NOT EXISTS v (r, at, ends); DELETE FROM temp.v; INSERT INTO temp.v VALUES (%lld, %lld, %lld)",
             (long long)recipient, (long long)made_at, (long long)expires_at);
    run(surveys, sql);
    run(intake, sql);
    run(surveys,
        "INSERT INTO recipient (recipient, address_hash, channel) SELECT r, CAST('a' || r AS BLOB), 'email' FROM temp.v;"
        "INSERT INTO recipient_identifier SELECT CAST('i' || r AS BLOB), r FROM temp.v;"
        "INSERT INTO survey_plan (plan, survey, wave, planned_at, planned_by, plan_hash, audience_digest, questions_digest, anonymity)"
        " SELECT r, 'service', r, at, 'x', CAST('p' || r AS BLOB), x'02', x'03', 'confidential' FROM temp.v;"
        "INSERT INTO plan_recipient (plan, recipient, case_hash, language, segment) SELECT r, r, x'00', 'de', '{}' FROM temp.v;"
        "INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision)"
        " SELECT r, r, 'service', r, r, x'00', CAST('t' || r AS BLOB), 1, at, ends, 'sent', '{}' FROM temp.v;"
        "INSERT INTO sending (invitation, number, file_name, reserved_at, state) SELECT r, 0, 'm' || r, at, 'sent' FROM temp.v;"
        "INSERT INTO response (response, survey, wave, week, segment, answers, invitation) SELECT r, 'service', 1, 0, '{}', '{}', r FROM temp.v");
    run(intake,
        "INSERT INTO ticket (token_hash, kind, survey, controller, wave, language, segment, anonymous, expires_at)"
        " SELECT CAST('t' || r AS BLOB), 'answer', 'service', 'nordhaus', 1, 'de', '{}', 0, ends FROM temp.v;"
        "INSERT INTO partial SELECT CAST('t' || r AS BLOB), x'00' FROM temp.v");
}

static void test_ends(void **state)
{
    struct expire_counts counts = { 0 };
    struct err err;
    bool is_new;
    (void)state;
    invite(1, 100, 200);  /* goes with its recipient */
    invite(2, 100, 900);  /* still valid */
    invite(3, 500, 600);  /* expired, but made lately: a cap counts it */
    invite(4, 100, 200);  /* goes, but who opted out is known for ever */
    struct consent_event out = { .recipient = 4, .controller = "nordhaus", .purpose = "service_survey", .kind = CONSENT_OPT_OUT, .occurred_at = 1 };
    assert_int_equal(consent_record(surveys, &out, &is_new, NULL), 0);
    for (int twice = 0; twice < 2; twice++)
        if (invitations_expire(surveys, intake, 700, 400, &counts, &err))
            fail_msg("%s", err.message);
    assert_int_equal(counts.invitations, 2);
    assert_int_equal(counts.plans, 2);
    assert_int_equal(counts.links, 2);
    assert_int_equal(counts.recipients, 1);
    assert_int_equal(number(surveys, "SELECT sum(invitation) FROM invitation"), 2 + 3);
    assert_int_equal(number(surveys, "SELECT sum(invitation) FROM sending"), 2 + 3);
    assert_int_equal(number(surveys, "SELECT sum(recipient) FROM recipient"), 2 + 3 + 4);
    assert_int_equal(number(surveys, "SELECT sum(recipient) FROM recipient_identifier"), 2 + 3 + 4);
    assert_int_equal(number(surveys, "SELECT sum(response) FROM response WHERE invitation IS NULL"), 1 + 4);
    assert_int_equal(number(intake, "SELECT count(*) FROM ticket"), 2);
    assert_int_equal(number(intake, "SELECT count(*) FROM partial"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_ends, setup, teardown) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
