#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "core/strbuf.h"
#include "surveys/send.h"

#include "tests/unit/surveys/people.h"

static const struct survey_text subject[] = { { "de", "Wie war es für Sie?" } };
static const struct survey_text body[] = { { "de", "Freiwillig <b> & gern:\n{link}\n\nNicht mehr fragen: {opt_out_link}\n{privacy_notice} bis {expires} {unknown}" } };

static int setup(void **state)
{
    int failed = people_setup(state);
    survey.title = survey.subject = (struct survey_texts) { subject, 1 };
    survey.body = (struct survey_texts) { body, 1 };
    survey.sender_name = "Nordhaus Kundendienst";
    survey.sender_address = "service@nordhaus.example";
    survey.privacy_notice = "https://nordhaus.example/privacy";
    survey.page_url = "https://survey.nordhaus.example";
    survey.expires_days = 30;
    survey.begins_day = 0;
    survey.ends_day = TODAY + 100;
    survey.stop_bounce_percent = 5;
    return failed || atomfile_mkdir(path("outbox"), 0700, NULL) || atomfile_mkdir(path("outbox/sent"), 0700, NULL);
}

static void approve(void)
{
    struct audience_input input = { cases, surveys, keyring, &survey, utc, NOW, NULL, false };
    struct audience audience;
    struct plan plan;
    char hex[2 * PLAN_HASH_BYTES + 1];
    assert_int_equal(audience_build(&audience, &input, NULL), 0);
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW, &plan, NULL), 0);
    audience_release(&audience);
    sodium_bin2hex(hex, sizeof hex, plan.hash, sizeof plan.hash);
    assert_int_equal(plan_approve(surveys, &survey, hex, "bert", NOW, NULL), 0);
}

static struct db *intake; /* NULL: there is no page */
static const struct survey_policy *in_force;

static struct send_result send_at(int64_t now, bool reminders)
{
    char outbox[96];
    struct send_result result;
    struct err err = { 0 };
    snprintf(outbox, sizeof outbox, "%s", path("outbox"));
    struct send_input input = { .surveys = surveys, .keyring = keyring, .survey = &survey, .zone = utc, .outbox = outbox, .now = now, .intake = intake, .policy = in_force };
    if (reminders ? send_reminders(&input, &result, &err) : send_invitations(&input, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

/* Messages below the folder; the name of the last one in `name`. */
static int count_mails(const char *below, char name[256])
{
    int count = 0;
    DIR *open = opendir(path(below));
    const struct dirent *entry;
    while ((entry = readdir(open)))
        if (strstr(entry->d_name, ".eml")) {
            snprintf(name, 256, "%s", entry->d_name);
            count++;
        }
    closedir(open);
    return count;
}

static void test_each_is_asked_once(void **state)
{
    (void)state;
    char name[256];
    for (int64_t person = 1; person <= 5; person++)
        add_asked(person);
    approve();
    assert_int_equal(send_at(NOW, false).spooled, 5);
    assert_int_equal(send_at(NOW + 10, false).spooled, 0);
    assert_int_equal(count_mails("outbox", name), 5);
}

static void test_p3_an_opt_out_after_the_approval_wins(void **state)
{
    (void)state;
    char name[256];
    int64_t recipient = add_asked(1);
    approve();
    consent(recipient, CONSENT_OPT_OUT, NOW);
    assert_int_equal(send_at(NOW, false).refused, 1);
    assert_int_equal(count_mails("outbox", name), 0);
}

/* Killed between link and commit: the message is there, its row is not. And the same when it was taken meanwhile, and when an
 * older backup of the database came back. */
static void test_a_killed_run_sends_none_twice(void **state)
{
    (void)state;
    char name[256], from[512], to[512];
    add_asked(1);
    approve();
    assert_int_equal(send_at(NOW, false).spooled, 1);
    assert_int_equal(db_exec(surveys, "DELETE FROM sending; DELETE FROM invitation", NULL), 0);
    struct send_result result = send_at(NOW + 60, false);
    assert_int_equal(result.spooled, 0);
    assert_int_equal(result.found, 1);
    assert_int_equal(count_mails("outbox", name), 1);
    snprintf(from, sizeof from, "%s/outbox/%s", folder, name);
    snprintf(to, sizeof to, "%s/outbox/sent/%s", folder, name);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(db_exec(surveys, "DELETE FROM sending; DELETE FROM invitation", NULL), 0);
    assert_int_equal(send_at(NOW + 120, false).found, 1);
    assert_int_equal(count_mails("outbox", name), 0);
}

static void test_quiet_hours_wait(void **state)
{
    (void)state;
    add_asked(1);
    survey.quiet_from_minute = 11 * 60;
    survey.quiet_to_minute = 14 * 60; /* the contact has no zone and no country: noon is the workspace's */
    approve();
    assert_int_equal(send_at(NOW, false).quiet, 1);
    assert_int_equal(send_at(NOW + 7200, false).spooled, 1);
}

/* The mail system took everything, and a sweep saw it. */
static void take_all(void)
{
    assert_int_equal(db_exec(surveys, "UPDATE sending SET state = 'sent'; UPDATE invitation SET state = 'sent'", NULL), 0);
}

static void test_no_reminder_while_the_invitation_waits(void **state)
{
    (void)state;
    add_asked(1);
    survey.reminder_maximum = 1;
    survey.reminder_gap_days = 7;
    survey.cap_invitations = 2;
    approve();
    send_at(NOW, false);
    assert_int_equal(send_at(NOW + 9 * 86400, true).spooled, 0);
    take_all();
    assert_int_equal(send_at(NOW + 9 * 86400, true).spooled, 1);
}

static void test_reminders_keep_gap_and_cap(void **state)
{
    (void)state;
    char name[256];
    add_asked(1);
    survey.reminder_maximum = 1;
    survey.reminder_gap_days = 7;
    survey.cap_invitations = 2;
    approve();
    send_at(NOW, false);
    take_all();
    assert_int_equal(send_at(NOW + 7 * 86400 - 1, true).spooled, 0);
    assert_int_equal(send_at(NOW + 7 * 86400, true).spooled, 1);
    assert_int_equal(send_at(NOW + 20 * 86400, true).spooled, 0);
    assert_int_equal(count_mails("outbox", name), 2);
}

/* Both approved before either was sent: what the other one did counts at the moment of sending. */
static void test_p3_two_surveys_about_one_case(void **state)
{
    (void)state;
    add_asked(1);
    survey.cap_invitations = 2;
    approve();
    survey.name = "another";
    approve();
    assert_int_equal(send_at(NOW, false).spooled, 1);
    survey.name = "service";
    struct send_result result = send_at(NOW + 60, false);
    assert_int_equal(result.spooled, 0);
    assert_int_equal(result.refused, 1);
}

static void test_p3_the_cap_of_the_group_at_the_moment_of_sending(void **state)
{
    (void)state;
    const struct survey_policy strict = { .cap = { 1, 90 } };
    add_asked(1);
    survey.cap_invitations = 2;
    survey.reminder_maximum = 1;
    survey.reminder_gap_days = 1;
    approve();
    assert_int_equal(send_at(NOW, false).spooled, 1);
    take_all();
    in_force = &strict;
    assert_int_equal(send_at(NOW + 86400, true).refused, 1);
    in_force = NULL;
    assert_int_equal(send_at(NOW + 86400, true).spooled, 1);
}

static void check_last_day(const char *day)
{
    char name[256], from[512];
    struct strbuf mail = { 0 };
    assert_int_equal(count_mails("outbox", name), 1);
    snprintf(from, sizeof from, "%s/outbox/%s", folder, name);
    assert_int_equal(atomfile_read(from, 1 << 20, &mail, NULL), 0);
    assert_non_null(strstr(strbuf_text(&mail), day));
    assert_int_equal(remove(from), 0);
    strbuf_release(&mail);
}

/* The link of NOW, 9 October 2024, works for 30 more days; the reminder's is the same link. */
static void test_messages_name_the_last_day_of_the_link(void **state)
{
    (void)state;
    add_asked(1);
    survey.reminder_maximum = 1;
    survey.reminder_gap_days = 7;
    survey.cap_invitations = 2;
    approve();
    send_at(NOW, false);
    check_last_day("bis 2024-11-08");
    take_all();
    assert_int_equal(send_at(NOW + 7 * 86400, true).spooled, 1);
    check_last_day("bis 2024-11-08");
}

/* In force since the plan: Switzerland has no basis to be asked on this channel any more. */
static void test_no_basis_in_the_country_at_the_moment_of_sending(void **state)
{
    (void)state;
    char name[256];
    struct err err = { 0 };
    struct config *config;
    struct survey_policy policy;
    add_asked(1);
    add_asked(2);
    assert_int_equal(db_exec(surveys, "UPDATE contact SET country = 'CH' WHERE recipient = 2", NULL), 0);
    approve();
    static const char text[] = "surveys:\n  legal_basis:\n    CH: {email: none}\n";
    assert_int_equal(atomfile_write(path("policy.yaml"), 0600, (struct slice) { text, sizeof text - 1 }, NULL), 0);
    if (config_read(&config, path("policy.yaml"), &err))
        fail_msg("%s", err.message);
    policy_compile(&policy, config);
    in_force = &policy;
    struct send_result result = send_at(NOW, false);
    in_force = NULL;
    config_free(config);
    assert_int_equal(result.spooled, 1);
    assert_int_equal(result.refused, 1);
    assert_int_equal(count_mails("outbox", name), 1);
}

static void test_no_reminder_after_an_answer(void **state)
{
    (void)state;
    add_asked(1);
    survey.reminder_maximum = 1;
    survey.reminder_gap_days = 1;
    survey.cap_invitations = 2;
    approve();
    send_at(NOW, false);
    assert_int_equal(db_exec(surveys, "UPDATE invitation SET state = 'answered'", NULL), 0);
    assert_int_equal(send_at(NOW + 7 * 86400, true).spooled, 0);
}

static void test_no_invitation_after_a_bounce_or_a_complaint(void **state)
{
    (void)state;
    for (int64_t person = 1; person <= 4; person++)
        add_asked(person);
    approve();
    assert_int_equal(db_exec(surveys, "INSERT INTO bounce (recipient, kind, occurred_at, digest) VALUES (1, 'hard', 1, x'01'), (2, 'soft', 1, x'02'), (3, 'complaint', 1, x'03')", NULL), 0);
    struct send_result result = send_at(NOW, false);
    assert_int_equal(result.refused, 2);
    assert_int_equal(result.spooled, 2);
}

/* Runs the statement in intake.db with the token hash of a person's invitation as :hash. */
static void at_the_page(int64_t recipient, const char *sql)
{
    struct stmt *find = NULL, *change = NULL;
    size_t length;
    assert_int_equal(db_prepare_text(surveys, "SELECT token_hash FROM invitation WHERE recipient = :recipient", &find, NULL), 0);
    stmt_bind_integer(find, ":recipient", recipient);
    assert_int_equal(stmt_step(find, NULL), 1);
    assert_int_equal(db_prepare_text(intake, sql, &change, NULL), 0);
    const void *hash = stmt_blob(find, 0, &length);
    stmt_bind_blob(change, ":hash", hash, length);
    assert_int_equal(stmt_run(change, NULL), 0);
    stmt_free(change);
    stmt_free(find);
}

/* The page runs while messages go: what it took in since the night read it counts. */
static void test_no_reminder_after_what_the_page_took_in(void **state)
{
    (void)state;
    int64_t answered = add_asked(1), left = add_asked(2), left_elsewhere = add_asked(3);
    add_asked(4);
    survey.reminder_maximum = 1;
    survey.reminder_gap_days = 1;
    survey.cap_invitations = 2;
    approve();
    assert_int_equal(send_at(NOW, false).spooled, 4);
    take_all();
    assert_int_equal(db_open(&intake, path("intake.db"), "intake", DB_CREATE, NULL), 0);
    static const char ticket[] = "INSERT INTO ticket (token_hash, kind, survey, controller, wave, language, segment, anonymous, expires_at, finished, opted_out) "
                                 "VALUES (:hash, 'answer', 'service', 'nordhaus', 1, 'de', '{}', 0, 9999999999, %d, %d)";
    char sql[400];
    snprintf(sql, sizeof sql, ticket, 1, 0);
    at_the_page(answered, sql);
    snprintf(sql, sizeof sql, ticket, 0, 1);
    at_the_page(left, sql);
    /* by the link of an older survey of the brand, whose click waits to be read */
    assert_int_equal(db_exec(surveys, "INSERT INTO invitation SELECT 1, plan, 'older', wave, recipient, case_hash, x'0123', key_epoch, reserved_at - 99, expires_at, 0, state, decision, 0, 0, NULL, 0, NULL "
                                      "FROM invitation WHERE recipient = 3", NULL), 0);
    assert_int_equal(left_elsewhere, 3);
    assert_int_equal(db_exec(intake, "INSERT INTO ticket VALUES (x'0123', 'answer', 'older', 'nordhaus', 1, 'de', '{}', 0, 9999999999, 0, 1, 0); INSERT INTO act VALUES (x'0123', 'opt_out', 1)", NULL), 0);
    struct send_result result = send_at(NOW + 7 * 86400, true);
    db_close(intake);
    intake = NULL;
    assert_int_equal(result.spooled, 1);
    assert_int_equal(result.refused, 3);
}

static int try_to_send(int64_t now, struct err *err)
{
    char outbox[96];
    struct send_result result;
    snprintf(outbox, sizeof outbox, "%s", path("outbox"));
    struct send_input input = { .surveys = surveys, .keyring = keyring, .survey = &survey, .zone = utc, .outbox = outbox, .now = now };
    return send_invitations(&input, &result, err);
}

/* Two of twenty that left are more than 5 %; what waits in the spool does not thin them out. */
static void test_a_bouncing_list_stops_until_it_is_planned_again(void **state)
{
    (void)state;
    struct err err = { 0 };
    for (int64_t person = 1; person <= 60; person++)
        add_asked(person);
    approve();
    send_at(NOW, false);
    assert_int_equal(db_exec(surveys, "INSERT INTO bounce (recipient, kind, occurred_at, digest) VALUES (1, 'hard', 9999999999, x'01'), (2, 'hard', 9999999999, x'02')", NULL), 0);
    assert_int_equal(db_exec(surveys, "UPDATE sending SET state = 'sent' WHERE invitation IN (SELECT invitation FROM invitation WHERE recipient <= 19)", NULL), 0);
    assert_int_equal(try_to_send(NOW + 60, &err), 0);
    assert_int_equal(db_exec(surveys, "UPDATE sending SET state = 'sent' WHERE invitation IN (SELECT invitation FROM invitation WHERE recipient = 20)", NULL), 0);
    assert_int_equal(try_to_send(NOW + 60, &err), ERR_USAGE);
    assert_non_null(strstr(err.message, "more than 5 % of its messages bounced; find out why, then plan and approve it again"));
    assert_int_equal(db_exec(surveys, "DELETE FROM bounce", NULL), 0); /* it stays stopped */
    assert_int_equal(try_to_send(NOW + 120, &err), ERR_USAGE);
    approve();
    assert_int_equal(try_to_send(NOW + 180, &err), 0);
}

static void pull_all(void)
{
    char name[256], from[512], to[512];
    assert_int_equal(atomfile_mkdir(path("outbox/pulled"), 0700, NULL), 0);
    while (count_mails("outbox", name)) {
        snprintf(from, sizeof from, "%s/outbox/%s", folder, name);
        snprintf(to, sizeof to, "%s/outbox/pulled/%s", folder, name);
        assert_int_equal(rename(from, to), 0);
    }
}

/* Who was taken back before anything left counts as not asked, by a later plan; whose message may have left does not. */
static void test_who_was_sent_nothing_is_asked_by_the_next_plan(void **state)
{
    (void)state;
    char name[256];
    for (int64_t person = 1; person <= 3; person++)
        add_asked(person);
    approve();
    assert_int_equal(send_at(NOW, false).spooled, 3);
    pull_all();
    assert_int_equal(db_exec(surveys, "UPDATE sending SET state = 'pulled'; UPDATE invitation SET state = 'pulled'; "
                                      "UPDATE sending SET state = 'uncertain' WHERE invitation = (SELECT invitation FROM invitation WHERE recipient = 1); "
                                      "UPDATE invitation SET state = 'uncertain' WHERE recipient = 1", NULL), 0);
    assert_int_equal(send_at(NOW + 1, false).spooled, 0); /* not by the plan that they were taken back from */
    assert_int_equal(plan_halt(surveys, &survey, "dora", NOW + 2, NULL), 0);
    approve();
    struct send_result result = send_at(NOW + 3, false);
    assert_int_equal(result.spooled, 2);
    assert_int_equal(result.found, 0);
    assert_int_equal(count_mails("outbox", name), 2);
    assert_int_equal(count_mails("outbox/pulled", name), 1);
    assert_int_equal(send_at(NOW + 4, false).spooled, 0);
}

/* An older ledger came back: it does not know why the message was taken back, so it stays so. */
static void test_a_marker_that_the_ledger_does_not_know_stays(void **state)
{
    (void)state;
    char name[256];
    add_asked(1);
    approve();
    send_at(NOW, false);
    pull_all();
    assert_int_equal(db_exec(surveys, "DELETE FROM sending; DELETE FROM invitation", NULL), 0);
    assert_int_equal(send_at(NOW + 1, false).spooled, 0);
    assert_int_equal(count_mails("outbox", name), 0);
    assert_int_equal(count_mails("outbox/pulled", name), 1);
}

/* The mail system took it back from nowhere: copied before the pull, moved to sent/ after it. It is not sent again. */
static void test_what_was_taken_after_all_is_not_sent_again(void **state)
{
    (void)state;
    char name[256], from[512], to[512];
    add_asked(1);
    approve();
    send_at(NOW, false);
    assert_int_equal(count_mails("outbox", name), 1);
    snprintf(from, sizeof from, "%s/outbox/%s", folder, name);
    snprintf(to, sizeof to, "%s/outbox/sent/%s", folder, name);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(db_exec(surveys, "UPDATE sending SET state = 'pulled'; UPDATE invitation SET state = 'pulled'", NULL), 0);
    assert_int_equal(plan_halt(surveys, &survey, "dora", NOW + 2, NULL), 0);
    approve();
    struct send_result result = send_at(NOW + 3, false);
    assert_int_equal(result.spooled, 0);
    assert_int_equal(result.found, 1);
    assert_int_equal(count_mails("outbox", name), 0);
}

/* What the addresses of two persons turn out to be after the plan: one person's. */
static void link_people(int64_t one, int64_t other)
{
    char sql[200];
    snprintf(sql, sizeof sql, "INSERT INTO recipient_identifier (hash, recipient) SELECT hash, %lld FROM recipient_identifier WHERE recipient = %lld",
             (long long)other, (long long)one);
    assert_int_equal(db_exec(surveys, sql, NULL), 0);
}

static void test_two_that_turn_out_to_be_one_are_asked_once(void **state)
{
    (void)state;
    int64_t one = add_asked(1), other = add_asked(2);
    add_asked(3);
    survey.cap_invitations = 5;
    approve();
    link_people(one, other);
    struct send_result result = send_at(NOW, false);
    assert_int_equal(result.spooled, 2);
    assert_int_equal(result.refused, 1);
}

/* Both were asked before it was known: one reminder, and none once either has answered. */
static void test_two_that_turn_out_to_be_one_are_reminded_once(void **state)
{
    (void)state;
    static const struct survey_policy wide = { .cap = { 9, 90 } };
    int64_t one = add_asked(1), other = add_asked(2);
    survey.reminder_maximum = 2;
    survey.reminder_gap_days = 1;
    survey.cap_invitations = 9;
    approve();
    in_force = &wide;
    assert_int_equal(send_at(NOW, false).spooled, 2);
    take_all();
    link_people(one, other);
    struct send_result result = send_at(NOW + 7 * 86400, true);
    assert_int_equal(result.spooled, 1);
    assert_int_equal(result.refused, 1);
    take_all();
    char sql[100];
    snprintf(sql, sizeof sql, "UPDATE invitation SET state = 'answered' WHERE reminders = 0");
    assert_int_equal(db_exec(surveys, sql, NULL), 0);
    assert_int_equal(send_at(NOW + 14 * 86400, true).spooled, 0);
    in_force = NULL;
}

static void test_who_turns_out_to_be_held_out_is_not_asked(void **state)
{
    (void)state;
    int64_t one = add_asked(1), other = add_asked(2);
    approve();
    char sql[100];
    snprintf(sql, sizeof sql, "UPDATE plan_recipient SET holdout = 1 WHERE recipient = %lld", (long long)one);
    assert_int_equal(db_exec(surveys, sql, NULL), 0);
    link_people(one, other);
    struct send_result result = send_at(NOW, false);
    assert_int_equal(result.spooled, 0);
    assert_int_equal(result.refused, 1);
}

static void assert_holds(const struct strbuf *mail, const char *text)
{
    if (!strstr(strbuf_text(mail), text))
        fail_msg("the message lacks '%s':\n%s", text, strbuf_text(mail));
}

static void test_the_message_has_what_it_owes(void **state)
{
    (void)state;
    char name[256], file[512];
    struct strbuf mail = { 0 };
    add_asked(1);
    approve();
    send_at(NOW, false);
    assert_int_equal(count_mails("outbox", name), 1);
    snprintf(file, sizeof file, "%s/outbox/%s", folder, name);
    assert_int_equal(atomfile_read(file, 1 << 20, &mail, NULL), 0);
    assert_holds(&mail, "To: p1@mail.example\r\n");
    assert_holds(&mail, "From: Nordhaus Kundendienst <service@nordhaus.example>\r\n");
    assert_holds(&mail, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    assert_holds(&mail, "Auto-Submitted: auto-generated\r\n");
    assert_holds(&mail, "List-Unsubscribe: <https://survey.nordhaus.example/o/");
    assert_holds(&mail, "Return-Path: <bounce+");
    assert_holds(&mail, "multipart/alternative");
    assert_holds(&mail, "{unknown}");
    assert_holds(&mail, "&lt;b&gt; &amp; gern");
    assert_null(strstr(strbuf_text(&mail), "{link}"));
    strbuf_release(&mail);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, people_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_is_asked_once),
        TEST(test_p3_an_opt_out_after_the_approval_wins),
        TEST(test_a_killed_run_sends_none_twice),
        TEST(test_quiet_hours_wait),
        TEST(test_no_reminder_while_the_invitation_waits),
        TEST(test_reminders_keep_gap_and_cap),
        TEST(test_p3_two_surveys_about_one_case),
        TEST(test_p3_the_cap_of_the_group_at_the_moment_of_sending),
        TEST(test_messages_name_the_last_day_of_the_link),
        TEST(test_no_basis_in_the_country_at_the_moment_of_sending),
        TEST(test_no_reminder_after_an_answer),
        TEST(test_no_invitation_after_a_bounce_or_a_complaint),
        TEST(test_no_reminder_after_what_the_page_took_in),
        TEST(test_a_bouncing_list_stops_until_it_is_planned_again),
        TEST(test_who_was_sent_nothing_is_asked_by_the_next_plan),
        TEST(test_a_marker_that_the_ledger_does_not_know_stays),
        TEST(test_what_was_taken_after_all_is_not_sent_again),
        TEST(test_two_that_turn_out_to_be_one_are_asked_once),
        TEST(test_two_that_turn_out_to_be_one_are_reminded_once),
        TEST(test_who_turns_out_to_be_held_out_is_not_asked),
        TEST(test_the_message_has_what_it_owes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
