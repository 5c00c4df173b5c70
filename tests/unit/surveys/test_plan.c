#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/atomfile.h"
#include "core/strbuf.h"
#include "surveys/consent.h"
#include "surveys/contact.h"
#include "surveys/plan.h"

#include "tests/unit/surveys/people.h"

static const struct survey_policy *in_force;

static void build(struct audience *audience)
{
    struct audience_input input = { cases, surveys, keyring, &survey, utc, NOW, in_force, false };
    struct err err = { 0 };
    if (audience_build(audience, &input, &err))
        fail_msg("%s", err.message);
}

static enum exclusion excluded(int64_t person)
{
    struct audience audience;
    enum exclusion found = EXCLUSIONS + 1;
    build(&audience);
    for (size_t i = 0; i < audience.count; i++)
        if (audience.candidates[i].person == person)
            found = audience.candidates[i].excluded;
    audience_release(&audience);
    return found;
}

static size_t count(enum exclusion reason)
{
    struct audience audience;
    size_t found = 0;
    build(&audience);
    for (size_t i = 0; i < audience.count; i++)
        found += audience.candidates[i].excluded == reason;
    audience_release(&audience);
    return found;
}

static void test_p3_who_is_asked(void **state)
{
    (void)state;
    int64_t out = add_asked(2), objector = add_asked(3);
    add_asked(1);
    consent(out, CONSENT_OPT_OUT, 2);
    consent(objector, CONSENT_OBJECTION, 2);
    add_person(4);                                   /* no contact */
    add_person(5);
    add_contact(5, email(5), "de");                  /* a contact without an opt-in */
    add_person(6);
    consent(add_contact(6, email(6), "fr"), CONSENT_OPT_IN, 1);
    assert_int_equal(excluded(1), EXCLUDED_NOT);
    assert_int_equal(excluded(2), EXCLUDED_OPTED_OUT);
    assert_int_equal(excluded(3), EXCLUDED_OBJECTED);
    assert_int_equal(excluded(4), EXCLUDED_NO_OPT_IN);
    assert_int_equal(excluded(5), EXCLUDED_NO_OPT_IN);
    assert_int_equal(excluded(6), EXCLUDED_NO_LANGUAGE);
    survey.fallback = "en";
    assert_int_equal(excluded(6), EXCLUDED_NOT);
}

static void test_p4_an_objection_by_another_address_holds(void **state)
{
    (void)state;
    int64_t other;
    add_asked(1);
    add_asked(2);
    add_asked(3);
    other = add_contact(1, "p1@other.example", "de");
    consent(other, CONSENT_OBJECTION, 2);
    other = add_contact(3, "p3@other.example", "de");
    consent(other, CONSENT_OPT_OUT, 2);
    assert_int_equal(excluded(1), EXCLUDED_OBJECTED);
    assert_int_equal(excluded(2), EXCLUDED_NOT);
    assert_int_equal(excluded(3), EXCLUDED_OPTED_OUT);
}

/* Who leaves by one address is not asked by another of the channel, unless the person opts in by that one later. */
static void test_p3_an_opt_out_by_another_address_holds(void **state)
{
    (void)state;
    int64_t old = add_asked(1);
    int64_t new = add_contact(1, "new@mail.example", "de");
    consent(new, CONSENT_OPT_IN, 1);
    assert_int_equal(excluded(1), EXCLUDED_NOT);
    consent(old, CONSENT_OPT_OUT, 5);
    assert_int_equal(db_exec(surveys, "DELETE FROM contact WHERE recipient = 1", NULL), 0);
    assert_int_equal(old, 1);
    assert_int_equal(excluded(1), EXCLUDED_OPTED_OUT);
    consent(new, CONSENT_OPT_IN, 6);
    assert_int_equal(excluded(1), EXCLUDED_NOT);
}

static void test_window_and_filter(void **state)
{
    (void)state;
    static const char *const chat[] = { "chat" };
    static const struct survey_filter filter = { "channel", chat, 1 };
    add_asked(1);
    add_asked(2);
    survey.audience = &filter;
    survey.audience_count = 1;
    assert_int_equal(excluded(1), EXCLUDED_NOT);
    assert_int_equal(excluded(2), EXCLUSIONS + 1);
    survey.closed_within_days = 4;
    assert_int_equal(excluded(1), EXCLUSIONS + 1);
    add_case(1, 2, TODAY, 11);
    assert_int_equal(excluded(1), EXCLUDED_NOT);
}

static void test_two_people_with_one_address_are_asked_once(void **state)
{
    (void)state;
    add_asked(1);
    add_person(2);
    add_contact(2, "p1@mail.example", "de");
    assert_int_equal(count(EXCLUDED_NOT), 1);
    assert_int_equal(count(EXCLUDED_WAVE_ASKED), 1);
}

static void test_two_people_with_one_address_are_held_out_once(void **state)
{
    (void)state;
    struct audience audience;
    struct plan plan;
    add_asked(1);
    add_person(2);
    add_contact(2, "p1@mail.example", "de");
    survey.holdout_percent = 100;
    assert_int_equal(count(EXCLUDED_HOLDOUT), 1);
    assert_int_equal(count(EXCLUDED_WAVE_ASKED), 1);
    build(&audience);
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW, &plan, NULL), 0);
    audience_release(&audience);
}

static void invite(int64_t recipient, const char *survey_name, int wave, const char *case_hash, int64_t at)
{
    char sql[768];
    snprintf(sql, sizeof sql,
             "INSERT OR IGNORE INTO survey_plan (plan, survey, wave, planned_at, planned_by, plan_hash, audience_digest, questions_digest, anonymity)"
             " VALUES (9, 's', 1, 0, 'x', x'09', x'', x'', 'anonymous');"
             "INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision)"
             " VALUES (1, 9, '%s', %d, %lld, x'%s', x'01', 1, %lld, 0, 'sent', '{}');"
             "INSERT INTO sending (invitation, number, file_name, reserved_at, state) VALUES (1, 0, 'f', %lld, 'sent')",
             survey_name, wave, (long long)recipient, case_hash, (long long)at, (long long)at);
    assert_int_equal(db_exec(surveys, sql, NULL), 0);
}

static void test_cap_over_all_surveys_and_channels(void **state)
{
    (void)state;
    struct contact_identifier identifier = { "email", "p1@mail.example" };
    struct contact phone = { .controller = "velora", .channel = "phone", .address = "+493023125001", .identifiers = &identifier, .identifier_count = 1 };
    add_asked(1);
    assert_int_equal(recipient_get(surveys, keyring, "phone", phone.address, &phone.recipient, NULL), 0);
    assert_int_equal(contact_put(surveys, keyring, &phone, NULL), 0);
    invite(phone.recipient, "another", 1, "00", NOW - 90 * 86400 + 1);
    assert_int_equal(excluded(1), EXCLUDED_CAP);
    assert_int_equal(db_exec(surveys, "UPDATE sending SET reserved_at = reserved_at - 1", NULL), 0);
    assert_int_equal(excluded(1), EXCLUDED_NOT);
}

static void another_message(int number, int64_t at)
{
    char sql[160];
    snprintf(sql, sizeof sql, "INSERT INTO sending (invitation, number, file_name, reserved_at, state) VALUES (1, %d, 'f%d', %lld, 'sent')",
             number, number, (long long)at);
    assert_int_equal(db_exec(surveys, sql, NULL), 0);
}

/* The group's cap is two messages in 90 days unless fallzahl.yaml says otherwise; the survey's file may say what it likes. */
static void test_p3_the_cap_of_the_group_holds_whatever_the_survey_says(void **state)
{
    (void)state;
    const struct survey_policy strict = { .cap = { 1, 400 } };
    survey.cap_invitations = 100;
    survey.cap_days = 1;
    invite(add_asked(1), "another", 1, "00", NOW - 90 * 86400 + 1);
    assert_int_equal(excluded(1), EXCLUDED_NOT);
    another_message(1, NOW - 90 * 86400 + 1);
    assert_int_equal(excluded(1), EXCLUDED_CAP);
    assert_int_equal(db_exec(surveys, "UPDATE sending SET reserved_at = reserved_at - 1 WHERE number = 0", NULL), 0);
    assert_int_equal(excluded(1), EXCLUDED_NOT);
    in_force = &strict;
    assert_int_equal(excluded(1), EXCLUDED_CAP);
    in_force = NULL;
}

static void test_asked_before(void **state)
{
    (void)state;
    int64_t recipient = add_asked(1);
    invite(recipient, "service", 1, "00", 1000);
    assert_int_equal(excluded(1), EXCLUDED_WAVE_ASKED);
    survey.wave = 2;
    assert_int_equal(excluded(1), EXCLUDED_NOT);
    struct audience audience;
    char hex[2 * CASE_HASH_BYTES + 1], sql[128];
    build(&audience);
    sodium_bin2hex(hex, sizeof hex, audience.candidates[0].case_hash, CASE_HASH_BYTES);
    snprintf(sql, sizeof sql, "UPDATE invitation SET case_hash = x'%s'", hex);
    assert_int_equal(db_exec(surveys, sql, NULL), 0);
    audience_release(&audience);
    assert_int_equal(excluded(1), EXCLUDED_CASE_ASKED);
    survey.name = "service_again"; /* a renamed survey, or another one */
    assert_int_equal(excluded(1), EXCLUDED_CASE_ASKED);
    assert_int_equal(db_exec(surveys, "INSERT INTO bounce (recipient, kind, occurred_at, digest) VALUES (1, 'hard', 1, x'01')", NULL), 0);
    assert_int_equal(excluded(1), EXCLUDED_BOUNCED);
}

static void test_sample_quota_holdout(void **state)
{
    (void)state;
    static const struct survey_quota quota = { "channel", "chat", 5 };
    for (int64_t person = 1; person <= 40; person++)
        add_asked(person);
    survey.sample_size = 10;
    assert_int_equal(count(EXCLUDED_NOT), 10);
    assert_int_equal(count(EXCLUDED_SAMPLE), 30);
    survey.sample_size = 0;
    survey.quotas = &quota;
    survey.quota_count = 1;
    assert_int_equal(count(EXCLUDED_QUOTA), 15);
    survey.quota_count = 0;
    survey.holdout_percent = 50;
    size_t held = count(EXCLUDED_HOLDOUT);
    assert_in_range(held, 8, 32); /* binomial(40, ½): outside with probability 1e-4 */
    assert_int_equal(count(EXCLUDED_HOLDOUT), held);
}

static void check_language(int64_t person, const char *language)
{
    struct audience audience;
    build(&audience);
    for (size_t i = 0; i < audience.count; i++)
        if (audience.candidates[i].person == person) {
            if (language)
                assert_string_equal(audience.candidates[i].language, language);
            else
                assert_null(audience.candidates[i].language);
        }
    audience_release(&audience);
}

static void test_the_nearest_language(void **state)
{
    (void)state;
    static const char *const languages[] = { "pt-BR", "de-AT", "de", "en" };
    static const struct { const char *speaks, *gets; } people[] = {
        { "de", "de" }, { "de-AT", "de-AT" }, { "de_CH", "de" }, { "pt", "pt-BR" }, { "PT-br", "pt-BR" }, { "en-GB", "en" }, { "fr", NULL }, { "d", NULL } };
    survey.languages = languages;
    survey.language_count = 4;
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        int64_t person = (int64_t)i + 1;
        add_person(person);
        consent(add_contact(person, email(person), people[i].speaks), CONSENT_OPT_IN, 1);
        check_language(person, people[i].gets);
    }
}

/* Whoever is held out stays so under a new address. */
static void test_the_person_is_held_out_not_the_address(void **state)
{
    (void)state;
    enum { PERSONS = 40 };
    enum exclusion before[PERSONS + 1];
    char sql[100], address[48];
    size_t held_out = 0;
    survey.holdout_percent = 40;
    for (int64_t person = 1; person <= PERSONS; person++)
        add_asked(person);
    for (int64_t person = 1; person <= PERSONS; person++) {
        before[person] = excluded(person);
        held_out += before[person] == EXCLUDED_HOLDOUT;
    }
    assert_in_range(held_out, 8, 24);
    for (int64_t person = 1; person <= PERSONS; person++) {
        snprintf(sql, sizeof sql, "DELETE FROM contact WHERE recipient = %lld", (long long)person);
        assert_int_equal(db_exec(surveys, sql, NULL), 0);
        snprintf(address, sizeof address, "new%lld@mail.example", (long long)person);
        consent(add_contact(person, address, "de"), CONSENT_OPT_IN, 1);
    }
    for (int64_t person = 1; person <= PERSONS; person++)
        assert_int_equal(excluded(person), before[person]);
}

/* Two addresses of one person of the store, which no contact names together: the cap sees them as one from the plan on. */
static void test_who_is_one_in_the_store_is_one_for_the_cap(void **state)
{
    (void)state;
    int64_t one = add_asked(1);
    add_asked(2);
    assert_int_equal(db_exec(cases, "UPDATE identifier SET person = 1; DELETE FROM case_cases WHERE id >> 24 = 2", NULL), 0);
    invite(one, "other", 1, "00", NOW - 86400);
    assert_int_equal(excluded(1), EXCLUDED_CAP);
    assert_int_equal(db_exec(surveys, "DELETE FROM contact WHERE recipient = 1", NULL), 0);
    assert_int_equal(excluded(1), EXCLUDED_CAP);
}

static void test_plan_freezes_and_approves(void **state)
{
    (void)state;
    struct audience audience;
    struct plan plan, again;
    struct err err = { 0 };
    char hex[2 * PLAN_HASH_BYTES + 1];
    add_asked(1);
    build(&audience);
    survey.four_eyes = true;
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW, &plan, &err), 0);
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW, &again, &err), 0); /* a killed request, done again */
    assert_int_equal(plan.id, again.id);
    sodium_bin2hex(hex, sizeof hex, plan.hash, sizeof plan.hash);
    assert_int_equal(plan_newest(surveys, &survey, &plan, &err), 1);
    assert_int_equal(plan_may_send(&plan, &survey, &err), ERR_USAGE);
    assert_int_equal(plan_approve(surveys, &survey, hex, "anna", NOW, &err), ERR_USAGE);
    assert_int_equal(plan_approve(surveys, &survey, "0123456789abcdef", "bert", NOW, &err), ERR_USAGE);
    hex[16] = '\0';
    assert_int_equal(plan_approve(surveys, &survey, hex, "bert", NOW, &err), 0);
    assert_int_equal(plan_newest(surveys, &survey, &plan, &err), 1);
    assert_string_equal(plan.approved_by, "bert");
    assert_int_equal(plan_may_send(&plan, &survey, &err), 0);
    survey.questions_digest[0] ^= 1;
    assert_int_equal(plan_may_send(&plan, &survey, &err), ERR_USAGE);
    survey.questions_digest[0] ^= 1;
    assert_int_equal(plan_halt(surveys, &survey, "anna", NOW, &err), 0);
    assert_int_equal(plan_newest(surveys, &survey, &plan, &err), 1);
    assert_int_equal(plan_may_send(&plan, &survey, &err), ERR_USAGE);
    audience_release(&audience);
}

/* Neither the hash nor anything else of a new plan says whether anybody came or left since the last one. */
static void test_no_hash_tells_whether_the_audience_changed(void **state)
{
    (void)state;
    struct audience audience;
    struct plan first, second, third, elsewhere;
    add_asked(1);
    build(&audience);
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW, &first, NULL), 0);
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW + 1, &second, NULL), 0);
    audience_release(&audience);
    add_asked(2);
    build(&audience);
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW + 2, &third, NULL), 0);
    assert_int_not_equal(memcmp(first.hash, second.hash, sizeof first.hash), 0);
    assert_int_not_equal(first.id, second.id);
    assert_int_equal(db_exec(surveys, "DELETE FROM plan_recipient; DELETE FROM survey_plan", NULL), 0);
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW, &elsewhere, NULL), 0); /* one more person, the same hash */
    assert_memory_equal(first.hash, elsewhere.hash, sizeof first.hash);
    audience_release(&audience);
}

static void test_sizes_are_coarse(void **state)
{
    (void)state;
    static const struct { uint64_t size; const char *text; } sizes[] = { { 0, "<10" }, { 9, "<10" }, { 10, "10" }, { 19, "10" }, { 12345, "12340" } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char text[32];
        plan_format_size(sizes[i].size, 10, text);
        assert_string_equal(text, sizes[i].text);
    }
}

/* What marketing is told of the survey as it stands; valid until the next call. */
static const char *told(void)
{
    static struct strbuf text;
    const struct plan_report report = { surveys, keyring, &survey, 10, NOW };
    const struct plan plan = { 0 };
    struct audience audience;
    struct err err = { 0 };
    strbuf_clear(&text);
    build(&audience);
    if (plan_describe(&report, &audience, &plan, &text, &err))
        fail_msg("%s", err.message);
    audience_release(&audience);
    return strbuf_text(&text);
}

static void assert_told(const char *line)
{
    const char *text = told();
    if (!strstr(text, line))
        fail_msg("'%s' is not in\n%s", line, text);
}

static void add_many(int64_t first, int64_t last)
{
    for (int64_t person = first; person <= last; person++)
        add_asked(person);
}

/* The text that marketing sees is the same whether or not one more person stands in it. */
static void test_a_planner_is_no_query_machine(void **state)
{
    (void)state;
    static const char *const segments[] = { "channel" };
    survey.segments = segments;
    survey.segment_count = 1;
    add_many(1, 101);
    char *before = mem_strdup(told());
    add_asked(102);
    add_person(104);
    assert_string_equal(told(), before);
    free(before);
    assert_told("to be asked: 100\n");
    assert_told("segment: chat: 50\nsegment: phone: 50\n");
    survey.sample_size = 60;
    assert_told("segments: not shown");
}

/* At a multiple of k, one person more or less would show if the rounding stood alone: from day to day, and from one filter to the next. */
static void test_sets_that_differ_by_a_few_are_told_as_one(void **state)
{
    (void)state;
    static const char *const chat[] = { "chat" }, *const both[] = { "chat", "phone" };
    static struct survey_filter filter = { "channel", chat, 1 };
    add_many(1, 219);
    survey.audience = &filter;
    survey.audience_count = 1;
    assert_told("to be asked: 110\n"); /* of 110 by chat */
    assert_int_equal(db_exec(cases, "UPDATE case_cases SET d_channel = 12 WHERE d_channel = 11 AND id < 4 << 24", NULL), 0);
    assert_told("to be asked: 110\n"); /* of 108 */
    filter = (struct survey_filter) { "channel", both, 2 };
    assert_told("to be asked: 210\n");
    add_asked(220);
    survey.name = "another";
    assert_told("to be asked: 210\n"); /* of 220 */
    add_many(221, 239);
    assert_told("to be asked: 230\n"); /* of 239: twenty differ from those who were told first */
}

/* Whether there is anybody in a small segment, or whether one has 49 or 50 people, is not told by splits one after the other. */
static void test_splits_do_not_tell_of_small_segments(void **state)
{
    (void)state;
    static const char *const segments[] = { "channel" };
    survey.segments = segments;
    survey.segment_count = 1;
    for (int64_t person = 1; person <= 118; person += 2)
        add_asked(person); /* 59 by chat */
    char *alone = mem_strdup(told());
    assert_non_null(strstr(alone, "segment: chat: 50\n"));
    for (int64_t person = 2; person <= 8; person += 2)
        add_asked(person); /* and 4 by phone */
    assert_string_equal(told(), alone);
    free(alone);
    for (int64_t person = 10; person <= 98; person += 2)
        add_asked(person); /* 49 */
    assert_told("segments: not shown");
    add_asked(100);
    assert_told("segments: not shown");
}

/* Else the parts would make less than the total. */
static void test_small_segments_are_counted_with_the_largest(void **state)
{
    (void)state;
    static const char *const segments[] = { "channel" };
    survey.segments = segments;
    survey.segment_count = 1;
    add_many(1, 113); /* 57 by chat, 56 by phone */
    assert_int_equal(db_exec(cases, "INSERT INTO dimension_value (code, dimension, level, label) VALUES (13, 1, 1, 'letter');"
                                    "UPDATE case_cases SET d_channel = 13 WHERE d_channel = 12 AND id < 9 << 24", NULL), 0); /* four of them */
    assert_told("segment: chat: 60\nsegment: phone: 50\n");
    assert_null(strstr(told(), "letter"));
}

/* Rounding could be averaged away by very many plans. */
static void test_sizes_are_shown_for_so_many_plans_only(void **state)
{
    (void)state;
    add_many(1, 20);
    assert_int_equal(db_exec(surveys, "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 299)"
                                      " INSERT INTO plan_figure (shown_at, k, size, sketch) SELECT 1728475200 - 30 * 86400 + 1, 10, 10, x'00' FROM n", NULL), 0);
    assert_int_equal(NOW, 1728475200);
    assert_told("to be asked: 20\n");
    assert_told("sizes: not shown, 300 different ones were within 30 days\n");
    assert_null(strstr(told(), "asked"));
}

/* Fewer than k answers to an anonymous survey can never be used: whoever plans is told, whatever the size that is shown. */
static void test_too_few_to_be_anonymous(void **state)
{
    (void)state;
    static const char warning[] = "warning: of an anonymous survey fewer than 10 answers are never used";
    for (int64_t person = 1; person <= 10; person++) {
        add_asked(person);
        survey.anonymity = SURVEY_ANONYMOUS;
        assert_non_null(strstr(told(), warning));
        survey.anonymity = SURVEY_CONFIDENTIAL;
        assert_null(strstr(told(), "warning"));
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, people_setup, people_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_p3_who_is_asked),
        TEST(test_p4_an_objection_by_another_address_holds),
        TEST(test_p3_an_opt_out_by_another_address_holds),
        TEST(test_window_and_filter),
        TEST(test_two_people_with_one_address_are_asked_once),
        TEST(test_cap_over_all_surveys_and_channels),
        TEST(test_p3_the_cap_of_the_group_holds_whatever_the_survey_says),
        TEST(test_asked_before),
        TEST(test_two_people_with_one_address_are_held_out_once),
        TEST(test_sample_quota_holdout),
        TEST(test_the_nearest_language),
        TEST(test_the_person_is_held_out_not_the_address),
        TEST(test_who_is_one_in_the_store_is_one_for_the_cap),
        TEST(test_plan_freezes_and_approves),
        TEST(test_no_hash_tells_whether_the_audience_changed),
        TEST(test_sizes_are_coarse),
        TEST(test_too_few_to_be_anonymous),
        TEST(test_a_planner_is_no_query_machine),
        TEST(test_sets_that_differ_by_a_few_are_told_as_one),
        TEST(test_splits_do_not_tell_of_small_segments),
        TEST(test_small_segments_are_counted_with_the_largest),
        TEST(test_sizes_are_shown_for_so_many_plans_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
