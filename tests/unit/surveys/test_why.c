/* What `why` says of a person is what a plan does with that person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "surveys/lost.h"
#include "surveys/plan.h"
#include "surveys/why.h"

#include "tests/unit/surveys/people.h"

enum { PEOPLE = 30, ROUNDS = 40 };

static struct audience_input input_of(bool look_only)
{
    return (struct audience_input){ cases, surveys, keyring, &survey, utc, NOW, NULL, look_only };
}

static struct why_verdict judge(int64_t person)
{
    const struct contact_identifier identifier = { "email", email(person) };
    const struct audience_input input = input_of(true);
    struct why_verdict verdict;
    struct err err = { 0 };
    if (why_judge(&input, &identifier, &verdict, &err))
        fail_msg("%s", err.message);
    return verdict;
}

static int64_t number(const char *sql)
{
    int64_t value = -1;
    assert_int_equal(db_integer(surveys, sql, &value, NULL), 0);
    return value;
}

/* 1 to be asked, 0 held out, -1 neither. */
static int planned(int64_t recipient)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT coalesce((SELECT 1 - holdout FROM plan_recipient WHERE recipient = %lld AND plan = (SELECT max(plan) FROM survey_plan)), -1)",
             (long long)recipient);
    return (int)number(sql);
}

static uint32_t any(uint32_t below)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static void add_invitation(int64_t recipient)
{
    char sql[1024];
    struct err err = { 0 };
    long long at = (long long)NOW - (any(2) ? 1 : 200) * 86400;
    snprintf(sql, sizeof sql,
             "INSERT OR IGNORE INTO survey_plan (plan, survey, wave, planned_at, planned_by, plan_hash, audience_digest, questions_digest, anonymity)"
             " VALUES (1, 'other', 1, 1, 'x', x'01', x'02', x'03', 'anonymous');"
             "INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision)"
             " VALUES (%lld, 1, '%s', 1, %lld, x'00', x'%016llx', 1, %lld, %lld, 'sent', '{}');"
             "INSERT INTO sending (invitation, number, file_name, reserved_at, state) VALUES (%lld, 0, 'm%lld', %lld, 'sent')",
             (long long)recipient, any(2) ? "service" : "other", (long long)recipient, (long long)recipient, at, (long long)NOW, (long long)recipient, (long long)recipient, at);
    if (db_exec(surveys, sql, &err))
        fail_msg("%s", err.message);
}

/* A contact without an address. */
static void forget_address(int64_t person, int64_t recipient)
{
    const struct contact_identifier identifier = { "email", email(person) };
    const struct contact contact = { .recipient = recipient, .controller = "nordhaus", .channel = "email", .address = "", .identifiers = &identifier,
                                     .identifier_count = 1, .language = "de", .usable_until = TODAY + 400 };
    assert_int_equal(contact_put(surveys, keyring, &contact, NULL), 0);
}

/* A person in any state. The recipient, 0: there is none. */
static int64_t add_somebody(int64_t person)
{
    char sql[128];
    if (any(10) == 0)
        return 0;
    add_person(person);
    if (any(8) == 0) {
        snprintf(sql, sizeof sql, "UPDATE case_cases SET %s WHERE id >> 24 = %lld", any(2) ? "held = 1" : "closed_day = 19000", (long long)person);
        assert_int_equal(db_exec(cases, sql, NULL), 0);
    }
    if (any(8) == 0)
        return 0;
    int64_t recipient = add_contact(person, email(person), any(6) ? "de" : "fr");
    if (any(12) == 0)
        forget_address(person, recipient);
    if (any(8))
        consent(recipient, any(6) ? CONSENT_OPT_IN : CONSENT_OPT_IN_REQUESTED, 1);
    if (any(8) == 0)
        consent(recipient, any(2) ? CONSENT_OPT_OUT : CONSENT_OBJECTION, 2);
    if (any(8) == 0)
        add_invitation(recipient);
    if (any(10) == 0) {
        snprintf(sql, sizeof sql, "INSERT INTO bounce (recipient, kind, occurred_at, digest) VALUES (%lld, 'hard', 1, x'%llx')", (long long)recipient,
                 (long long)recipient + 4096);
        assert_int_equal(db_exec(surveys, sql, NULL), 0);
    }
    return recipient;
}

static void change_survey(void)
{
    static const char *const chat[] = { "chat" };
    static const struct survey_filter filters[] = { { "channel", chat, 1 } };
    static const struct survey_quota quotas[] = { { "channel", "phone", 4 } };
    survey.audience = filters;
    survey.audience_count = any(3) == 0;
    survey.quotas = quotas;
    survey.quota_count = any(2);
    survey.sample_size = any(2) ? 8 : 0;
    survey.holdout_percent = any(2) ? 25 : 0;
    survey.double_opt_in = any(5) == 0;
    survey.seed = any(1000);
    survey.ends_day = TODAY + 10;
}

static void empty(void)
{
    assert_int_equal(db_exec(cases, "DELETE FROM case_cases; DELETE FROM identifier", NULL), 0);
    assert_int_equal(db_exec(surveys, "DELETE FROM sending; DELETE FROM invitation; DELETE FROM plan_recipient; DELETE FROM survey_plan; DELETE FROM bounce;"
                                      "DELETE FROM consent_event; DELETE FROM contact; DELETE FROM recipient_identifier; DELETE FROM recipient", NULL), 0);
}

/* The plan's word for the person, as the plan's own figures have it. */
static enum exclusion word_of(const struct audience *audience, int64_t person)
{
    for (size_t i = 0; i < audience->count; i++)
        if (audience->candidates[i].person == person)
            return audience->candidates[i].excluded;
    return EXCLUSIONS + 1;
}

static void test_why_says_what_a_plan_does(void **state)
{
    (void)state;
    size_t asked = 0, reasons[EXCLUSIONS + 1] = { 0 };
    assert_int_equal(db_exec(surveys, "PRAGMA synchronous = OFF", NULL), 0);
    assert_int_equal(db_exec(cases, "PRAGMA synchronous = OFF", NULL), 0);
    for (int round = 0; round < ROUNDS; round++) {
        int64_t recipients[PEOPLE + 1];
        struct why_verdict verdicts[PEOPLE + 1];
        struct audience audience;
        struct plan plan;
        empty();
        change_survey();
        for (int64_t person = 1; person <= PEOPLE; person++)
            recipients[person] = add_somebody(person);
        for (int64_t person = 1; person <= PEOPLE; person++)
            verdicts[person] = judge(person);
        const struct audience_input input = input_of(false);
        assert_int_equal(audience_build(&audience, &input, NULL), 0);
        assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW, &plan, NULL), 0);
        for (int64_t person = 1; person <= PEOPLE; person++) {
            const struct why_verdict *why = &verdicts[person];
            bool eligible = why->lack == ELIGIBLE_LACKS_NOTHING;
            int expected = eligible && why->excluded == EXCLUDED_NOT ? 1 : eligible && why->excluded == EXCLUDED_HOLDOUT ? 0 : -1;
            assert_int_equal(recipients[person] ? planned(recipients[person]) : -1, expected);
            assert_int_equal(word_of(&audience, person), eligible ? why->excluded : EXCLUSIONS + 1);
            asked += expected == 1;
            reasons[eligible ? why->excluded : 0]++;
        }
        audience_release(&audience);
    }
    assert_true(asked > 100);
    for (int reason = 0; reason < EXCLUSIONS; reason++) /* each was met, but for what these workspaces do not have */
        if (reason != EXCLUDED_COUNTRY && reason != EXCLUDED_CASE_ASKED && !reasons[reason])
            fail_msg("nobody was excluded as '%s'", exclusion_name((enum exclusion)reason));
}

static void test_what_cases_lack(void **state)
{
    (void)state;
    static const struct {
        const char *change;
        enum eligible_lack lack;
    } table[] = {
        { "DELETE FROM case_cases", ELIGIBLE_LACKS_CASE },
        { "UPDATE case_cases SET held = 1", ELIGIBLE_LACKS_FREE },
        { "UPDATE case_cases SET closed_day = 19990", ELIGIBLE_LACKS_AGE },
        { "UPDATE case_cases SET closed_day = 20006", ELIGIBLE_LACKS_AGE }, /* tomorrow */
        { "UPDATE case_cases SET d_channel = 12", ELIGIBLE_LACKS_AUDIENCE },
        { "UPDATE case_cases SET closed_day = 19991", ELIGIBLE_LACKS_NOTHING },
    };
    static const char *const chat[] = { "chat" };
    static const struct survey_filter filters[] = { { "channel", chat, 1 } };
    survey.audience = filters;
    survey.audience_count = 1;
    assert_int_equal(judge(1).lack, ELIGIBLE_LACKS_CASE);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        empty();
        add_asked(1);
        assert_int_equal(db_exec(cases, table[i].change, NULL), 0);
        assert_int_equal(judge(1).lack, table[i].lack);
    }
}

/* Nothing of it is kept. */
static void test_looking_changes_nothing(void **state)
{
    (void)state;
    const struct contact_identifier phone = { "phone", "+4930" };
    struct contact other = { .controller = "nordhaus", .channel = "email", .address = "read@mail.example", .identifiers = &phone,
                             .identifier_count = 1, .language = "de", .usable_until = TODAY + 400 };
    add_asked(1);
    assert_int_equal(recipient_get(surveys, keyring, "email", other.address, &other.recipient, NULL), 0);
    assert_int_equal(contact_put(surveys, keyring, &other, NULL), 0);
    unsigned char pseudonym[PSEUDONYM_BYTES];
    char hex[2 * PSEUDONYM_BYTES + 1], sql[256];
    pseudonym_derive(keyring_key(keyring, KEY_ANALYTICS, 1), "phone", (struct slice) { phone.value, strlen(phone.value) }, pseudonym);
    sodium_bin2hex(hex, sizeof hex, pseudonym, sizeof pseudonym);
    snprintf(sql, sizeof sql, "INSERT INTO identifier (pseudonym, kind, identifier, epoch, person, objection) VALUES (x'%s', 1, 77, 1, 1, x'00')", hex);
    assert_int_equal(db_exec(cases, sql, NULL), 0);
    int64_t before = number("SELECT count(*) FROM recipient_identifier");
    judge(1);
    assert_int_equal(number("SELECT count(*) FROM recipient_identifier"), before);
    const struct audience_input input = input_of(false);
    struct audience audience;
    assert_int_equal(audience_build(&audience, &input, NULL), 0); /* a plan notes that both addresses are one person's */
    audience_release(&audience);
    assert_true(number("SELECT count(*) FROM recipient_identifier") > before);
}

static void assert_text(int64_t person, const char *part)
{
    const struct contact_identifier identifier = { "email", email(person) };
    const struct audience_input input = input_of(true);
    struct strbuf out = { 0 };
    struct err err = { 0 };
    if (why_describe(&input, NULL, &identifier, &out, &err))
        fail_msg("%s", err.message);
    if (!strstr(strbuf_text(&out), part))
        fail_msg("'%s' is not in:\n%s", part, strbuf_text(&out));
    strbuf_release(&out);
}

static void test_what_is_said(void **state)
{
    (void)state;
    struct audience audience;
    struct plan plan;
    char hash[2 * PLAN_HASH_BYTES + 1];
    survey.ends_day = TODAY + 10;
    add_asked(1);
    consent(add_asked(2), CONSENT_OPT_OUT, 2);
    assert_text(1, "a plan made now: will be asked\n");
    assert_text(2, "a plan made now: not asked: opted out\n");
    assert_text(3, "surveys hold nothing on this person");
    assert_text(3, "a plan made now: not asked: no case of source 'cases' is stored\n");
    const struct audience_input input = input_of(false);
    assert_int_equal(audience_build(&audience, &input, NULL), 0);
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW, &plan, NULL), 0);
    audience_release(&audience);
    assert_text(1, "in the newest plan: yes\nnothing is sent: the plan of survey 'service' is not approved\n");
    assert_text(2, "in the newest plan: no\n");
    sodium_bin2hex(hash, sizeof hash, plan.hash, sizeof plan.hash);
    assert_int_equal(plan_approve(surveys, &survey, hash, "berta", NOW, NULL), 0);
    assert_text(1, "an invitation sent now: goes\n");
    survey.double_opt_in = true;
    assert_text(1, "a plan made now: not asked: opt-in not confirmed\n");
    assert_text(1, "an invitation sent now: no consent in force\n");
    survey.double_opt_in = false;
    assert_int_equal(plan_halt(surveys, &survey, "anna", NOW, NULL), 0);
    assert_text(1, "nothing is sent: survey 'service' is halted");
    assert_text(1, "halted: ");
    survey.ends_day = TODAY - 1;
    assert_text(1, "a plan made now: refused: survey 'service' ended on ");
    survey.ends_day = TODAY + 10;
    assert_int_equal(lost_note(surveys, "2024-10-01T00:00:00Z", NOW, NULL), 0);
    assert_text(1, "a plan made now: refused: surveys.db came back on ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, people_setup, people_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_why_says_what_a_plan_does),
        TEST(test_what_cases_lack),
        TEST(test_looking_changes_nothing),
        TEST(test_what_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
