/* Which invitations become dispositions, and which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/calendar.h"
#include "surveys/definition.h"
#include "surveys/handover.h"

#include "tests/unit/surveys/people.h"

enum { OVER = 2000 };

static void run(const char *sql)
{
    struct err err;
    if (db_exec(surveys, sql, &err))
        fail_msg("%s", err.message);
}

/* An invitation of a message that was left in the spool, or taken back from it. */
static void invite(int number, const char *state, const char *message, const char *flag)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "CREATE TEMP TABLE IF NOT EXISTS v (n, state, message); DELETE FROM temp.v; INSERT INTO temp.v VALUES (%d, '%s', '%s')", number, state, message);
    run(sql);
    run("INSERT INTO recipient (recipient, address_hash, channel) SELECT n, CAST('a' || n AS BLOB), 'email' FROM temp.v;"
        "INSERT OR IGNORE INTO survey_plan (plan, survey, wave, planned_at, planned_by, plan_hash, audience_digest, questions_digest, anonymity)"
        " VALUES (1, 'service', 1, 1, 'x', x'01', x'02', x'03', 'anonymous');"
        "INSERT INTO plan_recipient (plan, recipient, case_hash, language, segment) SELECT 1, n, x'00', 'de', '{}' FROM temp.v;"
        "INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision)"
        " SELECT n, 1, 'service', 1, n, x'00', CAST('t' || n AS BLOB), 1, 1, 1000, state, '{}' FROM temp.v;"
        "INSERT INTO sending (invitation, number, file_name, reserved_at, state) SELECT n, 0, 'm' || n, 1, message FROM temp.v");
    snprintf(sql, sizeof sql, "UPDATE invitation SET %s = 1 WHERE invitation = %d", flag, number);
    run(sql);
}

static size_t count(const struct handover *handover, const char *word)
{
    size_t found = 0;
    for (const char *at = strbuf_text(&handover->csv); (at = strstr(at, word)); at++)
        found++;
    return found;
}

/* Whose link was used was reached: no night that takes the message back makes it one that never left. */
static void test_used_links_were_reached(void **state)
{
    (void)state;
    struct handover handover = { 0 };
    const struct handover_input input = { surveys, &survey, utc, OVER, 10 };
    invite(1, "pulled", "pulled", "refused");
    invite(2, "pulled", "pulled", "begun");
    invite(3, "pulled", "pulled", "reminders"); /* nothing happened */
    invite(4, "answered", "pulled", "reminders");
    invite(5, "sent", "sent", "reminders");
    assert_int_equal(handover_read(&input, HANDOVER_DISPOSITIONS, &handover, NULL), 0);
    assert_int_equal(handover.count, 4);
    assert_int_equal(count(&handover, ",refusal"), 1);
    assert_int_equal(count(&handover, ",partial"), 1);
    assert_int_equal(count(&handover, ",complete"), 1);
    assert_int_equal(count(&handover, ",no_reply"), 1);
    handover_release(&handover);
}

/* Rows that come on these days (RFC 3339, UTC) count from the Monday of the week, or the first of the month. */
static void test_no_week_reaches_into_the_month_before(void **state)
{
    (void)state;
    static const struct {
        struct calendar_date day;
        const char *week;
    } weeks[] = { { { 2026, 6, 28 }, "2026-06-22" }, { { 2026, 6, 29 }, "2026-06-29" }, { { 2026, 6, 30 }, "2026-06-29" }, { { 2026, 7, 1 }, "2026-07-01" },
                  { { 2026, 7, 5 }, "2026-07-01" },  { { 2026, 7, 6 }, "2026-07-06" },  { { 2026, 3, 1 }, "2026-03-01" },  { { 2027, 1, 3 }, "2027-01-01" } };
    char week[16];
    for (size_t i = 0; i < sizeof weeks / sizeof *weeks; i++) {
        handover_week(utc, zone_instant(utc, calendar_day(weeks[i].day), 12 * 3600), week);
        assert_string_equal(week, weeks[i].week);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_used_links_were_reached, people_setup, people_teardown),
        cmocka_unit_test_setup_teardown(test_no_week_reaches_into_the_month_before, people_setup, people_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
