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

static void test_each_mistake_has_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *problem;
    } mistakes[] = {
        { "Freiwillig", "Pflicht", "s.yaml:18:9: the text must say that answering is voluntary" },
        { "Voluntary: {link}", "Voluntary:", "s.yaml:19:9: the text lacks {link}" },
        { "fallback: en", "fallback: fr", "s.yaml:8:11: 'fr' is not among 'languages'" },
        { "https://nordhaus", "http://nordhaus", "s.yaml:13:17: not an https address" },
        { "channel: email", "channel: phone", "s.yaml:5:10: this channel goes by 'transport: handoff' only" },
        { "service@nordhaus.example", "service", "not an e-mail address" },
        { "\"21:30\"", "\"24:30\"", "s.yaml:11:15: not a time of day" },
        { "question: nps", "question: later", "'later' is not an earlier question" },
        { ", en: Why?", "", "no text in 'en'" },
        { "id: why", "id: nps", "two questions have the id 'nps'" },
        { "type: nps", "type: single", "'single' needs at least two choices" },
        { "type: nps", "type: nps, range: [1, 3]", "only 'scale' and 'number' take a range" },
        { "type: nps", "type: scale, range: [5, 1]", "the lowest value must be below the highest" },
        { "ends: 2026", "reminders: {maximum: 1}\nends: 2026", "reminders count against the cap" },
        { "ends: 2026", "begins: 2027-01-01\nends: 2026", "the survey ends before it begins" },
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

/* An approval holds while the questions and the audience are the same, whatever else is tuned. */
static void test_digests(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        bool audience, questions;
    } edits[] = {
        { "\"21:30\"", "\"22:30\"", true, true },
        { "[email, chat]", "[email]", false, true },
        { "Recommend?", "Recommend us?", true, false },
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_each_mistake_has_its_place),
        cmocka_unit_test(test_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
