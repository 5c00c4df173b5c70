#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"
#include "surveys/definition.h"

static const char good[] = "version: 1\n"
                           "title: {de: Service, en: Service}\n"
                           "controller: nordhaus\n"
                           "source: cases\n"
                           "channel: email\n"
                           "anonymity: anonymous\n"
                           "languages: [de, en]\n"
                           "fallback: en\n"
                           "ends: 2026-12-31\n"
                           "audience: {channel: [email, chat]}\n"
                           "quiet: {from: \"21:30\", to: \"07:00\", weekdays: [sunday]}\n"
                           "sender: {name: Nordhaus, address: service@nordhaus.example}\n"
                           "privacy_notice: https://nordhaus.example/privacy\n"
                           "page: https://survey.nordhaus.example/\n"
                           "message:\n"
                           "  subject: {de: Wie war es?, en: How was it?}\n"
                           "  body:\n"
                           "    de: \"Freiwillig: {link} {opt_out_link} {privacy_notice}\"\n"
                           "    en: \"Voluntary: {link} {opt_out_link} {privacy_notice}\"\n"
                           "questions:\n"
                           "  - {id: nps, type: nps, required: true, text: {de: Empfehlen?, en: Recommend?}}\n"
                           "  - {id: why, type: text, text: {de: Warum?, en: Why?}, show_if: {question: nps, is: [0, 1]}}\n";

static struct config *check(const char *text, struct survey **survey)
{
    static const struct config_rule *const tables[] = { survey_config_rules, NULL };
    struct config *config = NULL;
    struct err err = { 0 };
    assert_int_equal(config_parse(&config, "s.yaml", text, strlen(text), &err), 0);
    config_check(config, tables);
    survey_compile(survey, config, "s");
    return config;
}

/* `good` with the first `from` replaced. */
static void replace(struct strbuf *out, const char *from, const char *to)
{
    const char *at = strstr(good, from);
    assert_non_null(at);
    strbuf_add(out, good, (size_t)(at - good));
    strbuf_adds(out, to);
    strbuf_adds(out, at + strlen(from));
}

static void test_good(void **state)
{
    (void)state;
    struct survey *survey = NULL;
    struct config *config = check(good, &survey);
    for (size_t i = 0; i < config_problem_count(config); i++)
        print_error("%s\n", config_problem_text(config, i));
    assert_int_equal(config_problem_count(config), 0);
    assert_int_equal(survey->quiet_from_minute, 21 * 60 + 30);
    assert_int_equal(survey->quiet_weekdays, 1u << 6);
    assert_int_equal(survey->question_count, 2);
    assert_int_equal(survey->questions[0].highest, 10);
    assert_string_equal(survey->questions[1].show_if_question, "nps");
    assert_string_equal(survey_text_in(survey, &survey->subject, "fr"), "How was it?");
    survey_free(survey);
    config_free(config);
}

/* Whether a problem with that text is there. */
static bool has_problem(const struct config *config, const char *problem)
{
    for (size_t i = 0; i < config_problem_count(config); i++)
        if (strstr(config_problem_text(config, i), problem))
            return true;
    return false;
}

static void check_length(const char *from, const char *before, size_t length, const char *problem)
{
    for (size_t extra = 0; extra < 2; extra++) {
        struct strbuf text = { 0 }, to = { 0 };
        struct survey *survey = NULL;
        strbuf_adds(&to, before);
        for (size_t i = 0; i < length + extra; i++)
            strbuf_addc(&to, 'x');
        replace(&text, from, strbuf_text(&to));
        struct config *config = check(strbuf_text(&text), &survey);
        assert_int_equal(has_problem(config, problem), extra);
        survey_free(survey);
        config_free(config);
        strbuf_release(&text);
        strbuf_release(&to);
    }
}

static void test_texts_have_a_length(void **state)
{
    (void)state;
    check_length("Wie war es?", "", 250, "s.yaml:16:17: longer than 250 bytes; shorten it");
    check_length("{de: Service", "{de: ", 150, "s.yaml:2:13: longer than 150 bytes");
    check_length("Empfehlen?", "", 1000, "longer than 1000 bytes");
    check_length("name: Nordhaus", "name: ", 150, "s.yaml:12:16: longer than 150 bytes");
}

/* Without a cap a survey's reminders fit under it. */
static void test_the_cap_leaves_room_for_the_reminders(void **state)
{
    (void)state;
    struct strbuf text = { 0 };
    struct survey *survey = NULL;
    replace(&text, "ends: 2026", "reminders: {maximum: 1}\nends: 2026");
    struct config *config = check(strbuf_text(&text), &survey);
    assert_int_equal(config_problem_count(config), 0);
    assert_int_equal(survey->cap_invitations, 2);
    survey_free(survey);
    config_free(config);
    strbuf_release(&text);
}

static void test_each_mistake_has_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *problem;
    } mistakes[] = {
        { "Freiwillig", "Pflicht", "s.yaml:18:9: the text must say that answering is voluntary" },
        { "Voluntary: {link}", "Voluntary:", "s.yaml:19:9: the text lacks {link}" },
        { "{de: Service, en: Service}\ncontroller: nordhaus\nsource: cases\nchannel: email\nanonymity: anonymous",
          "{de: Nicht anonym, en: An Anonymous survey}\ncontroller: nordhaus\nsource: cases\nchannel: email\nanonymity: confidential",
          "s.yaml:2:31: the text promises anonymity" },
        { "fallback: en", "fallback: fr", "s.yaml:8:11: 'fr' is not among 'languages'" },
        { "https://nordhaus", "http://nordhaus", "s.yaml:13:17: not an https address" },
        { "channel: email", "channel: phone", "s.yaml:5:10: this channel goes by 'transport: handoff' only" },
        { "service@nordhaus.example", "service", "not an e-mail address" },
        { "service@nordhaus.example", "\"service@nordhaus.example\\tx\"", "s.yaml:12:35: not an e-mail address" },
        { "service@nordhaus.example", "a@b.example@c.example", "not an e-mail address" },
        { "name: Nordhaus", "name: \"Nordhaus\\r\\nBcc: x@y.example\"", "s.yaml:12:16: a line break or a control character" },
        { "name: Nordhaus", "name: \"=?utf-8?q?Bank?=\"", "s.yaml:12:16: an encoded word (=?…?=) in a header" },
        { "Wie war es?", "\"Wie war es?\\r\\nBcc: x@y.example\"", "s.yaml:16:17: a line break or a control character" },
        { "Wie war es?", "\"Wie \\u202Ewar es?\"", "s.yaml:16:17: a line break or a control character" },
        { "Wie war es?", "\"Wie \\u2066war es?\"", "s.yaml:16:17: a line break or a control character" },
        { "Wie war es?", "\"=?utf-8?b?QmFuaw==?= Wie war es?\"", "s.yaml:16:17: an encoded word (=?…?=) in a header" },
        { "ends: 2026", "vendor: \"X\\nY\"\nends: 2026", "s.yaml:9:9: a line break or a control character" },
        { "nordhaus.example}", "nordhaus.example, bounce_domain: \"x y>\\r\\nBcc: x@y.example\"}", "not a domain such as" },
        { "nordhaus.example}", "nordhaus.example, bounce_domain: localhost}", "not a domain such as" },
        { "https://survey.nordhaus.example/", "\"https://survey.nordhaus.example/>\\r\\nBcc: x\"", "s.yaml:14:7: not an https address" },
        { "https://survey.nordhaus.example/", "https://survey.nordhaus.example/?a=b", "has no '?' and no '#'" },
        { "\"21:30\"", "\"24:30\"", "s.yaml:11:15: not a time of day" },
        { "question: nps", "question: later", "'later' is not an earlier question" },
        { ", en: Why?", "", "no text in 'en'" },
        { "id: why", "id: nps", "two questions have the id 'nps'" },
        { "type: nps", "type: single", "'single' needs at least two choices" },
        { "type: nps", "type: nps, range: [1, 3]", "only 'scale' and 'number' take a range" },
        { "type: nps", "type: scale, range: [5, 1]", "the lowest value must be below the highest" },
        { "ends: 2026", "cap: {invitations: 1}\nreminders: {maximum: 1}\nends: 2026", "reminders count against the cap" },
        { "ends: 2026", "begins: 2027-01-01\nends: 2026", "the survey ends before it begins" },
        { "\"21:30\"", "\"07:00\"", "s.yaml:11:8: 'from' and 'to' are the same time; write \"00:00\"" },
        { "[sunday]", "[monday, tuesday, wednesday, thursday, friday, saturday, sunday]", "s.yaml:11:47: all days are quiet" },
        { "[sunday]", "[sunday, sunday]", "s.yaml:11:56: 'sunday' stands in the list twice" },
        { "[de, en]", "[de, en, de]", "s.yaml:7:21: 'de' stands in the list twice" },
        { "[de, en]", "[]", "s.yaml:7:12: 'languages' is a list of 0; expected a list of 1 to 50" },
        { "[de, en]", "[de, en, deutsch]", "s.yaml:7:21: not a language tag (BCP 47)" },
        { "[de, en]", "[de]", "s.yaml:2:22: 'en' is not among 'languages'" },
        { "Freiwillig:", "Freiwillig {lnk}:", "s.yaml:18:9: no field '{lnk}'" },
        { "Freiwillig:", "Freiwillig {Link}:", "no field '{Link}'" },
        { "{de: Empfehlen?,", "{de: \"{title} empfehlen?\",", "'{title}' stands here as it is" },
        { "Wie war es?", "\"{title}\"", "s.yaml:16:17: '{title}' stands here as it is" },
        { "audience: {channel: [email, chat]}", "audience: {channel: []}", "s.yaml:10:21: 'channel' is a list of 0; expected" },
        { "ends: 2026", "quotas: [{dimension: channel, label: phone, maximum: 9}]\nends: 2026", "'phone' is not in 'audience.channel': the quota would never be reached" },
        { "ends: 2026", "quotas: [{dimension: channel, label: chat, maximum: 9}, {dimension: channel, label: chat, maximum: 5}]\nends: 2026", "a second quota of 'chat'" },
        { "ends: 2026", "segments: [channel, channel]\nends: 2026", "s.yaml:9:21: 'channel' stands in the list twice" },
        { "ends: 2026", "reminders: {maximum: 2, gap_days: 15}\nends: 2026", "the last reminder would come after the link has run out; 'expires_days' has to be more than 30" },
        { "ends: 2026", "reminders: {maximum: 1}\nbegins: 2026-12-28\nends: 2026", "the first reminder would come after 'ends'" },
        { "ends: 2026", "cost: {per_invitation: 1, currency: euro}\nends: 2026", "s.yaml:9:37: not a currency code" },
        { "ends: 2026", "throttle_per_minute: 5\nends: 2026", "s.yaml:9:1: only 'transport: smtp' keeps a pace" },
        { "ends: 2026", "vendor: X\nends: 2026", "s.yaml:9:1: only 'transport: handoff' has a vendor" },
        { "channel: email", "double_opt_in: true\nchannel: phone", "s.yaml:5:1: an opt-in is confirmed by e-mail only" },
        { "is: [0, 1]", "is: [0, 11]", "'11' is no answer to 'nps'" },
        { "is: [0, 1]", "is: [bad]", "'bad' is no answer to 'nps'" },
        { "is: [0, 1]", "is: []", "'is' is a list of 0; expected" },
        { "type: nps", "type: nps, max_length: 5", "only 'text' has a length" },
        { "type: text", "type: text, low: {de: x, en: y}", "only scales have labels at their ends" },
        { "id: why", "id: NPS", "expected a name" },
        { "id: why", "id: why, column: Nps", "the column 'Nps' of response CSVs has two meanings" },
        { "id: why", "id: why, column: token", "the column 'token' of response CSVs has two meanings" },
        { "id: nps", "id: week", "the column 'week' of the answers would be there twice" },
        { "ends: 2026", "segments: [nps]\nends: 2026", "the column 'nps' of the answers would be there twice" },
        { "ends: 2026", "responses: {delimiter: \";\"}\nends: 2026", "'delimiter' and 'separator' are the same character" },
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct strbuf text = { 0 };
        struct survey *survey = NULL;
        replace(&text, mistakes[i].from, mistakes[i].to);
        struct config *config = check(strbuf_text(&text), &survey);
        bool found = false;
        for (size_t p = 0; p < config_problem_count(config); p++)
            found = found || strstr(config_problem_text(config, p), mistakes[i].problem);
        if (!found)
            fail_msg("not reported: %s (first: %s)", mistakes[i].problem,
                     config_problem_count(config) ? config_problem_text(config, 0) : "none");
        survey_free(survey);
        config_free(config);
        strbuf_release(&text);
    }
}

/* An approval holds while all that decides who is asked what, when and how is as it was. */
/* Nor does a question promise it. */
static void test_no_question_promises_anonymity(void **state)
{
    (void)state;
    struct survey *survey = NULL;
    struct strbuf confidential = { 0 }, text = { 0 };
    replace(&confidential, "anonymity: anonymous", "anonymity: confidential");
    const char *at = strstr(strbuf_text(&confidential), "Recommend?");
    strbuf_add(&text, strbuf_text(&confidential), (size_t)(at - strbuf_text(&confidential)));
    strbuf_addf(&text, "Recommend us anonymously?%s", at + strlen("Recommend?"));
    struct config *config = check(strbuf_text(&text), &survey);
    assert_int_equal(config_problem_count(config), 1);
    assert_string_equal(config_problem_text(config, 0), "s.yaml:21:69: the text promises anonymity, and the survey is confidential");
    survey_free(survey);
    config_free(config);
    strbuf_release(&text);
    strbuf_release(&confidential);
}

/* To say that a survey is not anonymous is no promise that it is. */
static void test_denial(void **state)
{
    (void)state;
    struct strbuf text = { 0 };
    struct survey *survey = NULL;
    replace(&text, "{de: Service, en: Service}\ncontroller: nordhaus\nsource: cases\nchannel: email\nanonymity: anonymous",
            "{de: Nicht anonym, en: Not anonymous}\ncontroller: nordhaus\nsource: cases\nchannel: email\nanonymity: confidential");
    struct config *config = check(strbuf_text(&text), &survey);
    assert_int_equal(config_problem_count(config), 0);
    survey_free(survey);
    config_free(config);
    strbuf_release(&text);
}

static void test_digests(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        bool audience, questions;
    } edits[] = {
        { "\"21:30\"", "\"22:30\"", false, true },
        { "weekdays: [sunday]", "weekdays: []", false, true },
        { "2026-12-31", "2027-01-31", false, true },
        { "ends:", "begins: 2026-01-01\nends:", false, true },
        { "ends:", "stop_bounce_percent: 100\nends:", false, true },
        { "ends:", "throttle_per_minute: 1\nends:", false, true },
        { "ends:", "segments: [channel]\nends:", false, true },
        { "ends:", "four_eyes: false\nends:", false, true },
        { "ends:", "expires_days: 31\nends:", true, false },
        { "ends:", "cost: {per_invitation: 1, currency: EUR}\nends:", true, true },
        { "ends:", "responses: {token: t}\nends:", true, true },
        { "[email, chat]", "[email]", false, true },
        { "Recommend?", "Recommend us?", true, false },
        { "id: why,", "id: reason,", true, false },
        { "{id: why,", "{column: Why?, id: why,", true, true }, /* of a CSV */
    };
    struct survey *before = NULL;
    struct config *config = check(good, &before);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct strbuf text = { 0 };
        struct survey *after = NULL;
        replace(&text, edits[i].from, edits[i].to);
        struct config *edited = check(strbuf_text(&text), &after);
        assert_int_equal(memcmp(before->audience_digest, after->audience_digest, 32) == 0, edits[i].audience);
        assert_int_equal(memcmp(before->questions_digest, after->questions_digest, 32) == 0, edits[i].questions);
        survey_free(after);
        config_free(edited);
        strbuf_release(&text);
    }
    survey_free(before);
    config_free(config);
}

/* Every ready question is whole in German and English, and what a survey says itself goes first. */
static void test_ready_questions(void **state)
{
    (void)state;
    const char *mark = "  - {id: nps, type: nps, required: true, text: {de: Empfehlen?, en: Recommend?}}\n"
                       "  - {id: why, type: text, text: {de: Warum?, en: Why?}, show_if: {question: nps, is: [0, 1]}}\n";
    static const char *const names[] = { "nps", "nps_reason", "csat", "csat_brand", "ces", "solved", "expected_speed", "experienced_speed",
                                         "expected_competence", "experienced_competence", "expected_friendliness", "experienced_friendliness" };
    struct strbuf questions = { 0 }, text = { 0 };
    struct survey *survey = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        strbuf_addf(&questions, "  - {id: q%zu, use: %s}\n", i, names[i]);
    strbuf_adds(&questions, "  - {id: own, use: nps, text: {de: Eigenes, en: Own}}\n");
    replace(&text, mark, strbuf_text(&questions));
    struct config *config = check(strbuf_text(&text), &survey);
    for (size_t i = 0; i < config_problem_count(config); i++)
        print_error("%s\n", config_problem_text(config, i));
    assert_int_equal(config_problem_count(config), 0);
    assert_int_equal(survey->questions[0].type, QUESTION_NPS);
    assert_int_equal(survey->questions[0].low_label.count, 2);
    assert_int_equal(survey->questions[1].max_length, 500);
    assert_int_equal(survey->questions[4].highest, 7);
    assert_int_equal(survey->questions[5].choice_count, 3);
    assert_string_equal(survey->questions[12].text.list[1].text, "Own");
    survey_free(survey);
    config_free(config);
    strbuf_release(&questions);
    strbuf_release(&text);
}

static void test_ready_questions_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *to, *problem;
    } mistakes[] = {
        { "- {id: nps, use: nbs}", "s.yaml:21:20: 'nbs' is no ready question" },
        { "- {id: nps, required: true}", "a question needs 'type' and 'text', or 'use' with a ready one" },
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct strbuf text = { 0 };
        struct survey *survey = NULL;
        replace(&text, "- {id: nps, type: nps, required: true, text: {de: Empfehlen?, en: Recommend?}}", mistakes[i].to);
        struct config *config = check(strbuf_text(&text), &survey);
        assert_true(config_problem_count(config) > 0);
        bool found = false;
        for (size_t p = 0; p < config_problem_count(config); p++)
            found |= strstr(config_problem_text(config, p), mistakes[i].problem) != NULL;
        assert_true(found);
        survey_free(survey);
        config_free(config);
        strbuf_release(&text);
    }
}

/* A language whose texts the library lacks has to be given; a region's tag is a language like another. */
static void test_other_languages(void **state)
{
    (void)state;
    struct strbuf text = { 0 };
    struct survey *survey = NULL;
    replace(&text, "languages: [de, en]", "languages: [de, en, pt-BR]");
    struct config *config = check(strbuf_text(&text), &survey);
    assert_int_equal(config_problem_count(config), 5); /* title, subject, body, two questions */
    survey_free(survey);
    config_free(config);
    strbuf_clear(&text);
    replace(&text, "title: {de: Service, en: Service}", "title: {de: Service, en: Service, pt-BR: Servico}");
    config = check(strbuf_text(&text), &survey);
    assert_int_equal(config_problem_count(config), 1);
    assert_string_equal(config_problem_text(config, 0), "s.yaml:2:35: 'pt-BR' is not among 'languages'; add it there or remove the text");
    survey_free(survey);
    config_free(config);
    strbuf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_each_mistake_has_its_place),
        cmocka_unit_test(test_texts_have_a_length),
        cmocka_unit_test(test_the_cap_leaves_room_for_the_reminders),
        cmocka_unit_test(test_denial),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_no_question_promises_anonymity),
        cmocka_unit_test(test_ready_questions),
        cmocka_unit_test(test_ready_questions_that_do_not_fit),
        cmocka_unit_test(test_other_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
