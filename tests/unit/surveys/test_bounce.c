#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include <sys/stat.h>

#include "core/strbuf.h"
#include "surveys/audience.h"
#include "people.h"
#include "surveys/bounce.h"
#include "surveys/history.h"
#include "surveys/mailbox.h"

#define ID "0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffff"
#define HEAD "Return-Path: <>\r\nTo: <bounce+" ID "@nordhaus.example>\r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
#define REPORT(head, type, fields)                                                                                     \
    head "Content-Type: multipart/report; report-type=" type "; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee bounce+" OTHER  \
         "@nordhaus.example.\r\n--b\r\nContent-Type: message/" type "\r\n\r\n" fields "\r\n--b--\r\n"
#define DSN(fields) REPORT(HEAD, "delivery-status", "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b.de\r\n" fields)

static const struct {
    const char *text;
    enum bounce_kind kind;
    const char *id, *status;
} messages[] = {
    { DSN("Action: failed\r\nStatus: 5.1.1\r\n"), BOUNCE_HARD, ID, "5.1.1" },
    { DSN("Action: failed\r\nStatus: 5.1.10\r\n"), BOUNCE_HARD, ID, "5.1.10" },
    { DSN("Action: failed\r\nStatus: 5.2.1 (disabled)\r\n"), BOUNCE_HARD, ID, "5.2.1" },
    { DSN("Action: failed\r\nStatus: 5.2.2\r\n"), BOUNCE_FULL, ID, "5.2.2" },
    { DSN("Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 552 mailbox\r\n is full\r\n"), BOUNCE_FULL, ID, "5.1.1" },
    { DSN("Action: failed\r\nStatus: 5.7.1\r\n"), BOUNCE_SOFT, ID, "5.7.1" },
    { DSN("Action: failed\r\nStatus: 5.1.8\r\n"), BOUNCE_SOFT, ID, "5.1.8" },
    { DSN("Action: failed\r\nStatus: 4.4.7\r\n"), BOUNCE_SOFT, ID, "4.4.7" },
    { DSN("Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 550 User unknown\r\n"), BOUNCE_HARD, ID, "5.0.0" },
    { DSN("Action: failed\r\nStatus: 5.0.0\r\n"), BOUNCE_SOFT, ID, "5.0.0" },
    { DSN("Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 550-5.7.1 [10.0.0.1] is a permanent error\r\n"), BOUNCE_SOFT, ID, "5.0.0" },
    { DSN("Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 550 5.1.1 x\r\n"), BOUNCE_HARD, ID, "5.0.0" },
    { DSN("Action: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 1550 5.1.1 450 5.1.1 x\r\n"), BOUNCE_SOFT, ID, "5.0.0" },
    { DSN("Action: failed\r\nStatus: 5.0.0 (recipient reached disk quota)\r\n"), BOUNCE_FULL, ID, "5.0.0" },
    { DSN("Action: delayed\r\nStatus: 4.3.0\r\nDiagnostic-Code: x-unix; Quota exceeded\r\n"), BOUNCE_FULL, ID, "" },
    { DSN("Action: delivered\r\nStatus: 2.0.0\r\nDiagnostic-Code: x; Quota exceeded\r\n"), BOUNCE_NONE, ID, "" },
    { DSN("Action: failure\r\nStatus: 550 no such user\r\n"), BOUNCE_HARD, ID, "" },
    { DSN("Action: delayed\r\nStatus: 4.4.1\r\n"), BOUNCE_SOFT, ID, "" },
    { DSN("Action: delivered\r\nStatus: 2.0.0\r\n"), BOUNCE_NONE, ID, "" },
    { DSN("Action: relayed\r\nStatus: 2.0.0\r\n"), BOUNCE_NONE, ID, "" },
    /* By the envelope id where the address does not say it; never by an address in the text. */
    { REPORT("To: post@nordhaus.example\r\nMIME-Version: 1.0\r\n", "delivery-status",
             "Original-Envelope-Id: " ID "\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"), BOUNCE_HARD, ID, "5.1.1" },
    { REPORT("To: post@nordhaus.example\r\nMIME-Version: 1.0\r\n", "delivery-status", "X: y\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
      BOUNCE_HARD, "", "5.1.1" },
    { REPORT("To: bounce+0123@nordhaus.example\r\nMIME-Version: 1.0\r\n", "delivery-status", "X: y\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
      BOUNCE_HARD, "", "5.1.1" },
    /* What servers wrote before there were reports, or write still. */
    { HEAD "\r\nHi. This is the qmail-send program.\r\n<a@b.de>:\r\nSorry, no mailbox here by that\r\nname. (#5.1.1)\r\n", BOUNCE_HARD, ID, "" },
    { HEAD "\r\nThe user is over quota.\r\n", BOUNCE_FULL, ID, "" },
    { HEAD "\r\nWarning: message 1 delayed 24 hours. You do not need to resend it. User unknown\r\n", BOUNCE_SOFT, ID, "" },
    { HEAD "\r\nName service error: Host not\r\n    found, try again\r\n", BOUNCE_SOFT, ID, "" },
    { HEAD "\r\nPermanent fatal errors: 554 Too many hops 26\r\n", BOUNCE_SOFT, ID, "" },
    { " \r\n" HEAD "\r\nUser not known\r\n", BOUNCE_HARD, ID, "" },
    { HEAD "\r\nSomething else.\r\n", BOUNCE_SOFT, ID, "" },
    /* Automatic replies, also with an empty return path. */
    { "Return-Path: <>\r\nTo: bounce+" ID "@nordhaus.example\r\nSubject: Out of Office: x\r\n\r\nI am no longer here, the address does not exist.\r\n",
      BOUNCE_AUTO_REPLY, ID, "" },
    { "To: bounce+" ID "@nordhaus.example\r\nAuto-Submitted: auto-replied\r\nSubject: =?UTF-8?Q?Abwesenheit_bis_M=C3=A4rz?=\r\n\r\nx\r\n",
      BOUNCE_AUTO_REPLY, ID, "" },
    { "To: bounce+" ID "@nordhaus.example\r\nAuto-Submitted: auto-replied\r\nSubject: Re: x\r\n\r\nx\r\n", BOUNCE_AUTO_REPLY, ID, "" },
    /* Complaints (RFC 5965). */
    { REPORT("To: fbl@nordhaus.example\r\nMIME-Version: 1.0\r\n", "feedback-report",
             "Feedback-Type: abuse\r\nVersion: 1\r\nOriginal-Mail-From: <bounce+" ID "@nordhaus.example>\r\n"), BOUNCE_COMPLAINT, ID, "" },
    { REPORT("To: fbl@nordhaus.example\r\nMIME-Version: 1.0\r\n", "feedback-report", "Feedback-Type: not-spam\r\nOriginal-Mail-From: <bounce+" ID "@x.de>\r\n"),
      BOUNCE_NONE, ID, "" },
    { "From: a@b.de\r\nTo: <unsubscribe+0123456789ABCDEF0123456789abcdef@nordhaus.example>\r\nSubject: unsubscribe\r\n\r\n\r\n", BOUNCE_UNSUBSCRIBE, ID, "" },
    { "From: a@b.de\r\nTo: <bounce+" ID "@nordhaus.example>\r\nSubject: Re: your survey\r\n\r\nWhy do you ask me?\r\n", BOUNCE_NONE, ID, "" },
    { "", BOUNCE_NONE, "", "" },
    { "\xff\xfe garbage", BOUNCE_NONE, "", "" },
};

static void test_kinds_are_told_apart_and_find_their_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        struct bounce_report report;
        bounce_parse((struct slice) { messages[i].text, strlen(messages[i].text) }, &report);
        if (report.kind != messages[i].kind || strcmp(report.id, messages[i].id) != 0 || strcmp(report.status, messages[i].status) != 0)
            fail_msg("message %zu: %s, id '%s', status '%s'", i, bounce_kind_name(report.kind), report.id, report.status);
    }
}

static int64_t count(const char *sql)
{
    int64_t number = -1;
    assert_int_equal(db_integer(surveys, sql, &number, NULL), 0);
    return number;
}

/* An invitation of person 1 under ID. */
static int64_t invite(void)
{
    int64_t recipient = add_asked(1);
    char sql[1024];
    snprintf(sql, sizeof sql,
             "INSERT INTO survey_plan (plan, survey, wave, planned_at, planned_by, plan_hash, audience_digest, questions_digest, anonymity) VALUES (1, "
             "'service', 1, 0, 'a', x'00', x'00', x'00', 'anonymous');"
             "INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision) "
             "VALUES (7, 1, 'service', 1, %lld, x'00', x'00', 1, 0, 9, 'sent', '{\"consent_event\": 1}');"
             "INSERT INTO sending (invitation, number, file_name, reserved_at, state) VALUES (7, 0, '" ID "', 0, 'sent')", (long long)recipient);
    assert_int_equal(db_exec(surveys, sql, NULL), 0);
    return recipient;
}

static enum consent_verdict verdict(int64_t recipient)
{
    struct consent_event question = { .recipient = recipient, .controller = "nordhaus", .purpose = "service_survey" };
    struct consent_state found;
    assert_int_equal(consent_check(surveys, &question, false, NOW, &found, NULL), 0);
    return found.verdict;
}

static void apply(enum bounce_kind kind, const char *id, bool expected)
{
    struct bounce_report report = { .kind = kind };
    bool known;
    snprintf(report.id, sizeof report.id, "%s", id);
    assert_int_equal(bounce_apply(surveys, &report, NOW, &known, NULL), 0);
    assert_int_equal(known, expected);
}

static void test_a_bounce_counts_once_for_the_message_that_it_names(void **state)
{
    (void)state;
    invite();
    apply(BOUNCE_SOFT, ID, true);
    apply(BOUNCE_SOFT, ID, true);
    apply(BOUNCE_HARD, OTHER, false);
    apply(BOUNCE_AUTO_REPLY, ID, true);
    assert_int_equal(count("SELECT count(*) FROM bounce"), 1);
    assert_int_equal(history_has_bounced(surveys, 1, NULL), 0);
    apply(BOUNCE_HARD, ID, true);
    assert_int_equal(history_has_bounced(surveys, 1, NULL), 1);
}

static void test_a_complaint_is_an_opt_out_of_the_brand(void **state)
{
    (void)state;
    int64_t recipient = invite();
    apply(BOUNCE_COMPLAINT, ID, true);
    assert_int_equal(verdict(recipient), CONSENT_OPTED_OUT);
    assert_int_equal(count("SELECT count(*) FROM contact"), 0);
    assert_int_equal(count("SELECT count(*) FROM consent_event WHERE kind = 'opt_out' AND controller = 'nordhaus' AND origin = 'mail'"), 1);
    assert_int_equal(history_has_bounced(surveys, recipient, NULL), 1);
}

/* An mbox is read again every night. */
static void test_a_report_read_again_later_is_no_second_opt_out(void **state)
{
    (void)state;
    int64_t recipient = invite();
    for (int kind = BOUNCE_COMPLAINT; kind <= BOUNCE_UNSUBSCRIBE; kind++) {
        struct bounce_report report = { .kind = (enum bounce_kind)kind, .id = ID };
        bool known;
        int64_t at = NOW - 1000 + kind * 100;
        assert_int_equal(bounce_apply(surveys, &report, at, &known, NULL), 0);
        assert_int_equal(verdict(recipient), CONSENT_OPTED_OUT);
        consent(recipient, CONSENT_OPT_IN, at + 10);
        assert_int_equal(bounce_apply(surveys, &report, at + 20, &known, NULL), 0);
        assert_true(known);
        assert_int_equal(verdict(recipient), CONSENT_GIVEN);
    }
    assert_int_equal(count("SELECT count(*) FROM consent_event WHERE origin = 'mail'"), 2);
}

static void test_mail_to_unsubscribe_is_an_opt_out_and_no_bounce(void **state)
{
    (void)state;
    int64_t recipient = invite();
    apply(BOUNCE_UNSUBSCRIBE, ID, true);
    apply(BOUNCE_UNSUBSCRIBE, ID, true);
    assert_int_equal(verdict(recipient), CONSENT_OPTED_OUT);
    assert_int_equal(history_has_bounced(surveys, recipient, NULL), 0);
}

static int note_message(void *context, struct slice message, struct err *err)
{
    struct strbuf *out = context;
    (void)err;
    strbuf_add(out, message.text, message.length);
    strbuf_addc(out, '|');
    return 0;
}

static int note_kind(void *context, struct slice message, struct err *err)
{
    (void)err;
    bounce_parse(message, context);
    return 0;
}

/* With all that was sent back, a film perhaps. */
static void test_a_report_is_read_however_large_the_message_is(void **state)
{
    (void)state;
    static const char report[] = DSN("Action: failed\r\nStatus: 5.1.1\r\n");
    struct bounce_report found = { 0 };
    assert_int_equal(atomfile_mkdir(path("large/new"), 0700, NULL), 0);
    assert_int_equal(atomfile_mkdir(path("large/cur"), 0700, NULL), 0);
    assert_int_equal(atomfile_write(path("large/new/1"), 0600, (struct slice) { report, strlen(report) }, NULL), 0);
    assert_int_equal(truncate(path("large/new/1"), 20 << 20), 0);
    assert_int_equal(mailbox_each(path("large"), note_kind, &found, NULL), 0);
    assert_int_equal(found.kind, BOUNCE_HARD);
    assert_int_not_equal(access(path("large/new/1"), F_OK), 0);
}

static void test_a_maildir_is_emptied_and_an_mbox_stays(void **state)
{
    (void)state;
    struct strbuf out = { 0 };
    const char *mbox = "From a@b Mon\nSubject: 1\n\n>From here\n>>From there\n\nFrom b@c Tue\nSubject: 2\n\nx\n";
    assert_int_equal(atomfile_mkdir(path("box/new"), 0700, NULL), 0);
    assert_int_equal(atomfile_mkdir(path("box/cur"), 0700, NULL), 0);
    assert_int_equal(atomfile_write(path("box/new/2"), 0600, (struct slice) { "two", 3 }, NULL), 0);
    assert_int_equal(atomfile_write(path("box/cur/1"), 0600, (struct slice) { "one", 3 }, NULL), 0);
    assert_int_equal(mailbox_each(path("box"), note_message, &out, NULL), 0);
    assert_string_equal(strbuf_text(&out), "one|two|");
    strbuf_clear(&out);
    assert_int_equal(mailbox_each(path("box"), note_message, &out, NULL), 0);
    assert_int_equal(out.length, 0);
    assert_int_equal(atomfile_write(path("mbox"), 0600, (struct slice) { mbox, strlen(mbox) }, NULL), 0);
    assert_int_equal(mailbox_each(path("mbox"), note_message, &out, NULL), 0);
    assert_string_equal(strbuf_text(&out), "Subject: 1\n\nFrom here\n>From there\n\n|Subject: 2\n\nx\n|");
    assert_int_equal(mailbox_each(path("none"), note_message, &out, NULL), ERR_NOINPUT);
    assert_int_equal(mkfifo(path("pipe"), 0600), 0);
    assert_int_equal(mailbox_each(path("pipe"), note_message, &out, NULL), ERR_NOINPUT); /* nobody ever writes to it */
    strbuf_release(&out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, people_setup, people_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_kinds_are_told_apart_and_find_their_message), TEST(test_a_bounce_counts_once_for_the_message_that_it_names),
        TEST(test_a_complaint_is_an_opt_out_of_the_brand),      TEST(test_mail_to_unsubscribe_is_an_opt_out_and_no_bounce),
        TEST(test_a_report_read_again_later_is_no_second_opt_out), TEST(test_a_report_is_read_however_large_the_message_is),
        TEST(test_a_report_read_again_later_is_no_second_opt_out), TEST(test_a_maildir_is_emptied_and_an_mbox_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
