/* Who is compared with those who were held out, and what goes along of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/calendar.h"
#include "surveys/eligible.h"
#include "surveys/holdout.h"

#include "tests/unit/surveys/people.h"

enum { APPROVED = 20001, LIFE = 10, LATER = 20030 };

static void run(struct db *db, const char *sql)
{
    struct err err;
    if (db_exec(db, sql, &err))
        fail_msg("%s", err.message);
}

static void came(int64_t person, int number, int32_t day)
{
    char sql[80];
    add_case(person, number, day, 11);
    snprintf(sql, sizeof sql, "UPDATE case_cases SET opened_day = %d WHERE closed_day = %d", day, day);
    run(cases, sql);
}

/* Planned for the person's first case, with its channel as segment. */
static void plan(int64_t person, int holdout)
{
    unsigned char key[8] = { 0 }, hash[CASE_HASH_BYTES];
    char hex[2 * CASE_HASH_BYTES + 1], sql[400];
    for (int i = 0; i < 8; i++)
        key[i] = (unsigned char)((uint64_t)(person * 1000 + 1) >> (56 - 8 * i));
    eligible_hash_case(keyring, (struct slice){ (const char *)key, sizeof key }, hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    add_case(person, 1, 20000, 11);
    snprintf(sql, sizeof sql, "INSERT INTO recipient (recipient, address_hash, channel) SELECT %d, x'%02x', 'email'", (int)person, (unsigned)person);
    run(surveys, sql);
    snprintf(sql, sizeof sql, "INSERT INTO plan_recipient (plan, recipient, case_hash, language, segment, holdout)"
             " VALUES (1, %d, x'%s', 'de', '{\"channel\": \"chat\"}', %d)", (int)person, hex, holdout);
    run(surveys, sql);
    snprintf(sql, sizeof sql, "INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision)"
             " SELECT %d, 1, 'service', 1, %d, x'%s', x'%02x', 1, 1, 1000, 'sent', '{}' WHERE NOT %d", (int)person, (int)person, hex, (unsigned)person, holdout);
    run(surveys, sql);
}

/* The dispositions have the invited of each segment: with all who were planned there, they would tell how few were held out. */
static void test_rows_have_no_segment(void **state)
{
    (void)state;
    static const char *const segments[] = { "channel" };
    struct handover handover = { 0 };
    const struct holdout_input input = { surveys, cases, keyring, &survey, utc, (int64_t)LATER * 86400 };
    char sql[320];
    survey.segments = segments;
    survey.segment_count = 1;
    survey.expires_days = LIFE;
    run(cases, "ALTER TABLE case_cases ADD COLUMN opened_day INTEGER");
    snprintf(sql, sizeof sql, "INSERT INTO survey_plan (plan, survey, wave, planned_at, planned_by, plan_hash, audience_digest, questions_digest, anonymity, approved_at)"
             " VALUES (1, 'service', 1, 1, 'x', x'01', x'02', x'03', 'anonymous', %lld)", (long long)APPROVED * 86400);
    run(surveys, sql);
    plan(1, 0);
    plan(2, 0);
    plan(3, 1);
    came(1, 2, APPROVED + 5);        /* again */
    came(2, 2, APPROVED + LIFE + 5); /* too late */
    assert_int_equal(holdout_read(&input, &handover, NULL), 0);
    assert_int_equal(handover.count, 3);
    const char *text = strbuf_text(&handover.csv);
    assert_non_null(strstr(text, "member,week,wave,group,again"));
    assert_null(strstr(text, "chat"));
    assert_non_null(strstr(text, ",2024-11-01,1,invited,yes"));
    assert_non_null(strstr(text, ",2024-11-01,1,invited,no"));
    assert_non_null(strstr(text, ",2024-11-01,1,held_out,no"));
    handover_release(&handover);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows_have_no_segment, people_setup, people_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
