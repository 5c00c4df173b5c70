/* What objections, opt-outs and erasures do to contacts, invitations, answers and waiting messages (P3, P4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "core/calendar.h"
#include "core/strbuf.h"
#include "surveys/definition.h"
#include "surveys/subject.h"

#include "tests/unit/surveys/people.h"

static struct db *intake;

static int setup(void **state)
{
    return people_setup(state) || atomfile_mkdir(path("outbox"), 0700, NULL) || atomfile_mkdir(path("outbox/sent"), 0700, NULL) ||
           db_open(&intake, path("intake.db"), "intake", DB_CREATE, NULL);
}

static int teardown(void **state)
{
    db_close(intake);
    return people_teardown(state);
}

static int32_t for_a_month(void *context, const char *controller, const char *channel, const char *purpose)
{
    (void)context, (void)controller, (void)channel, (void)purpose;
    return TODAY + 30;
}

static bool is_purpose(void *context, const char *purpose)
{
    (void)context;
    return strcmp(purpose, "service_survey") == 0 || strcmp(purpose, "other") == 0;
}

static struct subject_desk desk(void)
{
    static char outbox[96];
    snprintf(outbox, sizeof outbox, "%s", path("outbox"));
    return (struct subject_desk){ .surveys = surveys, .intake = intake, .keyring = keyring, .outbox = outbox, .now = NOW,
                                  .usable_until = for_a_month, .is_purpose = is_purpose };
}

static __attribute__((format(printf, 1, 2))) struct subject_effects take(const char *format, ...)
{
    struct subject_desk at = desk();
    struct subject_effects effects = { 0 };
    struct strbuf json = { 0 };
    struct err err = { 0 };
    va_list arguments;
    va_start(arguments, format);
    strbuf_addv(&json, format, arguments);
    va_end(arguments);
    for (char *quote = json.text; *quote; quote++)
        if (*quote == '\'')
            *quote = '"';
    assert_int_equal(db_begin(surveys, NULL), 0);
    if (subject_take(&at, (struct slice){ json.text, json.length }, &effects, &err))
        fail_msg("%s", err.message);
    assert_int_equal(db_commit(surveys, NULL), 0);
    strbuf_release(&json);
    return effects;
}

static int64_t number(struct db *db, const char *sql)
{
    int64_t value = -1;
    assert_int_equal(db_integer(db, sql, &value, NULL), 0);
    return value;
}

/* An invitation of the recipient, reserved at `at`, whose message waits (or was picked up). */
static void invite(int64_t recipient, int64_t number_of, int64_t at, bool taken)
{
    char sql[1024], name[32];
    struct err err;
    snprintf(sql, sizeof sql,
             "INSERT OR IGNORE INTO survey_plan (plan, survey, wave, planned_at, planned_by, plan_hash, audience_digest, questions_digest, anonymity)"
             " VALUES (1, 'service', 1, 1, 'x', x'01', x'02', x'03', 'confidential');"
             "INSERT OR IGNORE INTO plan_recipient (plan, recipient, case_hash, language, segment) VALUES (1, %lld, x'00', 'de', '{}');"
             "INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision)"
             " VALUES (%lld, 1, 'service', %lld, %lld, x'00', x'aa%02llx', 1, %lld, 99, 'spooled', '{}');"
             "INSERT INTO sending (invitation, number, file_name, reserved_at, state) VALUES (%lld, 0, 'm%lld', %lld, 'spooled');",
             (long long)recipient, (long long)number_of, (long long)number_of, (long long)recipient, (long long)number_of, (long long)at,
             (long long)number_of, (long long)number_of, (long long)at);
    if (db_exec(surveys, sql, &err))
        fail_msg("%s", err.message);
    snprintf(sql, sizeof sql,
             "INSERT INTO ticket (token_hash, kind, survey, controller, wave, language, segment, anonymous, expires_at)"
             " VALUES (x'aa%02llx', 'answer', 'service', 'nordhaus', 1, 'de', '{}', 0, 99);"
             "INSERT INTO partial VALUES (x'aa%02llx', x'00');"
             "INSERT INTO waiting (waiting, survey, wave, segment, token_hash, epoch, sealed) VALUES (%lld, 'service', 1, '{}', x'aa%02llx', 1, x'00');",
             (long long)number_of, (long long)number_of, (long long)number_of, (long long)number_of);
    assert_int_equal(db_exec(intake, sql, NULL), 0);
    snprintf(name, sizeof name, taken ? "outbox/sent/m%lld.eml" : "outbox/m%lld.eml", (long long)number_of);
    assert_int_equal(atomfile_write(path(name), 0600, (struct slice){ "To: x", 5 }, NULL), 0);
}

static bool is_there(const char *name)
{
    return access(path(name), F_OK) == 0;
}

#define WHO "'identifiers': [{'kind': 'email', 'value': 'p1@mail.example'}]"

static void test_p4_objection_takes_back_what_waits(void **state)
{
    (void)state;
    int64_t recipient = add_asked(1), other = add_asked(2);
    invite(recipient, 1, 100, false);
    invite(recipient, 2, 100, true);
    invite(other, 3, 100, false);
    struct subject_effects effects = take("{'kind': 'objection', 'occurred_at': 200, " WHO "}");
    assert_int_equal(effects.withdrawn, 1);
    assert_false(is_there("outbox/m1.eml"));
    assert_true(is_there("outbox/sent/m2.eml")); /* it has left: that is how it is */
    assert_true(is_there("outbox/m3.eml"));
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 1);
    assert_int_equal(number(surveys, "SELECT count(*) FROM plan_recipient"), 1);
    assert_int_equal(number(surveys, "SELECT invitation FROM invitation WHERE state = 'pulled'"), 1);
    assert_int_equal(number(surveys, "SELECT count(*) FROM invitation"), 3); /* what was asked remains known */
    effects = take("{'kind': 'objection', 'occurred_at': 200, " WHO "}");
    assert_int_equal(effects.consents + effects.withdrawn, 0);
}

static void test_p3_opt_out_takes_back_what_waits(void **state)
{
    (void)state;
    int64_t recipient = add_asked(1);
    invite(recipient, 1, 100, false);
    take("{'kind': 'opt_out', 'controller': 'nordhaus', 'purpose': 'other', 'channel': 'email', 'address': 'p1@mail.example', 'occurred_at': 50}");
    assert_true(is_there("outbox/m1.eml")); /* the consent for surveys stands */
    take("{'kind': 'opt_out', 'controller': 'nordhaus', 'purpose': 'service_survey', 'channel': 'email', 'address': 'p1@mail.example', 'occurred_at': 150}");
    assert_false(is_there("outbox/m1.eml"));
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 0);
}

static void test_late_opt_out_does_not_undo_a_newer_opt_in(void **state)
{
    (void)state;
    int64_t recipient = add_asked(1);
    consent(recipient, CONSENT_OPT_IN, 300);
    invite(recipient, 1, 400, false);
    take("{'kind': 'opt_out', 'channel': '*', 'occurred_at': 200, " WHO "}");
    assert_true(is_there("outbox/m1.eml"));
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 1);
}

#define K1 "'identifiers': [{'kind': 'id:customer', 'value': 'K1'}]"

static enum consent_verdict verdict_of(int64_t recipient)
{
    const struct consent_event question = { .recipient = recipient, .controller = "nordhaus", .purpose = "service_survey" };
    struct consent_state now;
    assert_int_equal(consent_check(surveys, &question, false, NOW, &now, NULL), 0);
    return now.verdict;
}

/* The address of the customer K1 comes in with a case. */
static int64_t case_of_k1(const char *channel, const char *address)
{
    const struct contact_identifier known[] = { { "id:customer", "K1" }, { channel, address } };
    struct contact contact = { .controller = "nordhaus", .channel = channel, .address = address, .identifiers = known, .identifier_count = 2 };
    assert_int_equal(recipient_get(surveys, keyring, channel, address, &contact.recipient, NULL), 0);
    assert_int_equal(recipient_link(surveys, keyring, &contact, NULL), 0);
    return contact.recipient;
}

/* Of whom no address is known yet. */
static void test_p3_opt_out_reaches_addresses_that_come_later(void **state)
{
    (void)state;
    static const struct {
        const char *channel;
        int64_t opted_in_at[2]; /* by mail, by telephone */
        enum consent_verdict mail, phone;
    } table[] = {
        { "*", { 100, 100 }, CONSENT_OPTED_OUT, CONSENT_OPTED_OUT },
        { "*", { 100, 300 }, CONSENT_OPTED_OUT, CONSENT_GIVEN }, /* declared afterwards */
        { "email", { 100, 100 }, CONSENT_OPTED_OUT, CONSENT_GIVEN }, /* of one channel */
    };
    static const char opt_out[] = "{'kind': 'opt_out', 'channel': '%s', 'purpose': '*', 'occurred_at': 200, " K1 "}";
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(db_exec(surveys, "DELETE FROM recipient_identifier; DELETE FROM consent_event; DELETE FROM recipient", NULL), 0);
        take(opt_out, table[i].channel);
        int64_t mail = case_of_k1("email", "k1@mail.example"), phone = case_of_k1("phone", "+493012345");
        consent(mail, CONSENT_OPT_IN, table[i].opted_in_at[0]);
        consent(phone, CONSENT_OPT_IN, table[i].opted_in_at[1]);
        assert_int_equal(verdict_of(mail), table[i].mail);
        assert_int_equal(verdict_of(phone), table[i].phone);
        struct subject_effects again = take(opt_out, table[i].channel);
        assert_int_equal(again.consents, table[i].channel[0] == '*' ? 2 : 1); /* for the addresses that are known by now */
        assert_int_equal(verdict_of(phone), table[i].phone);
    }
}

static void test_p3_opt_out_by_an_address_of_another_channel(void **state)
{
    (void)state;
    const struct contact_identifier known[] = { { "email", "k1@mail.example" }, { "phone", "+493012345" } };
    struct contact contact = { .channel = "email", .identifiers = known, .identifier_count = 2 };
    take("{'kind': 'opt_out', 'channel': '*', 'purpose': '*', 'occurred_at': 200, 'identifiers': [{'kind': 'phone', 'value': '+493012345'}]}");
    assert_int_equal(recipient_get(surveys, keyring, "email", "k1@mail.example", &contact.recipient, NULL), 0);
    assert_int_equal(recipient_link(surveys, keyring, &contact, NULL), 0);
    consent(contact.recipient, CONSENT_OPT_IN, 100);
    assert_int_equal(verdict_of(contact.recipient), CONSENT_OPTED_OUT);
}

static void test_p3_opt_out_with_another_address_is_the_persons(void **state)
{
    (void)state;
    int64_t recipient = add_asked(1);
    invite(recipient, 1, 100, false);
    take("{'kind': 'opt_out', 'channel': 'email', 'purpose': 'service_survey', 'address': 'other@mail.example', 'occurred_at': 200, 'identifiers':"
         " [{'kind': 'email', 'value': 'p1@mail.example'}, {'kind': 'email', 'value': 'other@mail.example'}]}");
    assert_int_equal(verdict_of(recipient), CONSENT_OPTED_OUT);
    assert_false(is_there("outbox/m1.eml"));
    assert_int_equal(number(surveys, "SELECT count(*) FROM consent_event WHERE kind = 'opt_out'"), 2);
}

static void test_erasure(void **state)
{
    (void)state;
    int64_t recipient = add_asked(1), other = add_asked(2);
    invite(recipient, 1, 100, true);
    invite(recipient, 2, 100, false);
    invite(other, 3, 100, false);
    assert_int_equal(db_exec(surveys, "INSERT INTO response (response, survey, wave, week, segment, answers, invitation) VALUES"
                                      " (7, 'service', 1, 0, '{}', '{}', 1), (8, 'service', 1, 0, '{}', '{}', 3)", NULL), 0);
    take("{'kind': 'erasure', 'occurred_at': 200, " WHO "}");
    assert_false(is_there("outbox/m2.eml"));
    assert_int_equal(number(surveys, "SELECT sum(invitation) FROM invitation"), 3);
    assert_int_equal(number(surveys, "SELECT count(*) FROM sending"), 1);
    assert_int_equal(number(surveys, "SELECT sum(response) FROM response"), 8);
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 1);
    assert_int_equal(number(intake, "SELECT (SELECT count(*) FROM ticket) + (SELECT count(*) FROM partial) + (SELECT sum(waiting) FROM waiting)"), 5);
    assert_int_equal(number(surveys, "SELECT count(*) FROM consent_event WHERE kind = 'opt_out'"), 1); /* no flag brings it back */
}

static void test_erasure_leaves_what_came_after_it(void **state)
{
    (void)state;
    int64_t recipient = add_asked(1);
    consent(recipient, CONSENT_OPT_IN, 300);
    assert_int_equal(db_exec(surveys, "UPDATE contact SET updated_at = 300", NULL), 0);
    invite(recipient, 1, 400, false);
    take("{'kind': 'erasure', 'occurred_at': 200, " WHO "}");
    assert_true(is_there("outbox/m1.eml"));
    assert_int_equal(number(surveys, "SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM invitation)"), 2);
}

#define OPT_IN "{'kind': 'opt_in', 'controller': 'nordhaus', 'purpose': 'service_survey', 'channel': 'email', 'address': 'x@mail.example'," \
               " 'occurred_at': 100, '%s': %d, 'identifiers': [{'kind': 'id:customer', 'value': 'K%d'}]}"

static void test_claims_of_before_reach_a_later_opt_in(void **state)
{
    (void)state;
    take(OPT_IN, "objected_at", 200, 1);
    take(OPT_IN, "erased_at", 200, 2);
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 0);
    take(OPT_IN, "erased_at", 50, 3);
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 0); /* the objection stands */
    take("{'kind': 'objection_withdrawn', 'occurred_at': 250, 'identifiers': [{'kind': 'email', 'value': 'x@mail.example'}]}");
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 0); /* it takes a new opt-in */
    take("{'kind': 'opt_in', 'controller': 'nordhaus', 'purpose': 'service_survey', 'channel': 'email', 'address': 'x@mail.example', 'occurred_at': 300}");
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 1);
}

#define BOUNCE "{'kind': 'bounce', 'purpose': '%s', 'channel': 'email', 'address': 'p1@mail.example', 'occurred_at': 100}"

static void test_bounces(void **state)
{
    (void)state;
    int64_t recipient = add_asked(1);
    take(BOUNCE, "soft");
    take(BOUNCE, "soft");
    assert_int_equal(number(surveys, "SELECT count(*) FROM bounce WHERE kind = 'soft'"), 1);
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 1);
    invite(recipient, 1, 100, false);
    take(BOUNCE, "complaint");
    assert_false(is_there("outbox/m1.eml"));
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 0);
}

static int claims_of(void *context, const char *kind, struct slice value, struct subject_claims *claims, struct err *err)
{
    (void)err;
    static const unsigned char known_by[1][PSEUDONYM_BYTES] = { "the customer K1" };
    *claims = (struct subject_claims){ *(int64_t *)context, INT64_MIN, INT64_MIN, { known_by, 1 } };
    return strcmp(kind, "email") == 0 && slice_equals(value, "p1@mail.example");
}

static void test_p4_sweep_finds_contacts_by_identifiers_that_nobody_named(void **state)
{
    (void)state;
    struct subject_desk at = desk();
    struct subject_effects effects = { 0 };
    struct err err;
    int64_t objected_at = 200;
    add_asked(1);
    add_asked(2);
    add_contact(1, "read.by.one@mail.example", "de"); /* another address of the first */
    assert_int_equal(subject_sweep(&at, claims_of, &objected_at, &effects, &err), 0);
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 1);
    assert_int_equal(effects.consents, 2);
}

/* What only the store of cases knows to be one person's, told by the event and by the sweep. */
static void test_p3_opt_out_reaches_what_the_store_of_cases_knows(void **state)
{
    (void)state;
    struct subject_desk at = desk();
    struct subject_effects effects = { 0 };
    int64_t never = INT64_MIN, one = add_asked(1), two = add_asked(2), other = add_asked(3);
    assert_int_equal(subject_sweep(&at, claims_of, &never, &effects, NULL), 0);
    assert_int_equal(verdict_of(one), CONSENT_GIVEN);
    struct subject_effects left = take("{'kind': 'opt_out', 'channel': 'email', 'purpose': '*', 'occurred_at': 200, 'known_by': ["
                                       "'74686520637573746f6d6572204b3100', 'ffffffffffffffffffffffffffffffff', 'ff', 7], " K1 "}");
    assert_int_equal(left.claims, 1); /* the store knows more than the event: contacts have to be looked through */
    assert_int_equal(verdict_of(one), CONSENT_OPTED_OUT);
    take("{'kind': 'opt_in', 'controller': 'nordhaus', 'purpose': 'service_survey', 'channel': 'email', 'address': 'p2@mail.example',"
         " 'occurred_at': 150, 'known_by': ['ffffffffffffffffffffffffffffffff']}");
    assert_int_equal(verdict_of(two), CONSENT_OPTED_OUT);
    assert_int_equal(verdict_of(other), CONSENT_GIVEN);
    assert_int_equal(number(surveys, "SELECT count(*) FROM contact"), 1);
    take("{'kind': 'opt_in', 'controller': 'nordhaus', 'purpose': 'service_survey', 'channel': 'email', 'address': 'p2@mail.example',"
         " 'occurred_at': 300}");
    assert_int_equal(verdict_of(two), CONSENT_GIVEN);
}

static void test_damaged_journal(void **state)
{
    (void)state;
    struct subject_desk at = desk();
    struct subject_effects effects = { 0 };
    assert_int_equal(subject_take(&at, (struct slice){ "{", 1 }, &effects, NULL), ERR_DATA);
    assert_int_equal(subject_take(&at, (struct slice){ "{}", 2 }, &effects, NULL), ERR_DATA);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_p4_objection_takes_back_what_waits),
        TEST(test_p3_opt_out_takes_back_what_waits),
        TEST(test_late_opt_out_does_not_undo_a_newer_opt_in),
        TEST(test_p3_opt_out_reaches_addresses_that_come_later),
        TEST(test_p3_opt_out_by_an_address_of_another_channel),
        TEST(test_p3_opt_out_with_another_address_is_the_persons),
        TEST(test_erasure),
        TEST(test_erasure_leaves_what_came_after_it),
        TEST(test_claims_of_before_reach_a_later_opt_in),
        TEST(test_bounces),
        TEST(test_p4_sweep_finds_contacts_by_identifiers_that_nobody_named),
        TEST(test_p3_opt_out_reaches_what_the_store_of_cases_knows),
        TEST(test_damaged_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
