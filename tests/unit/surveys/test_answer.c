#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "surveys/answer.h"

static const struct survey_choice choices[] = { { .id = "late" }, { .id = "price" }, { .id = "other" } };
static const char *const low_scores[] = { "0", "1", "2" };
static const char *const other[] = { "other" };
static const struct survey_question questions[] = {
    { .id = "nps", .type = QUESTION_NPS, .required = true, .lowest = 0, .highest = 10 },
    { .id = "why", .type = QUESTION_MULTIPLE, .required = true, .choices = choices, .choice_count = 3,
      .show_if_question = "nps", .show_if_values = low_scores, .show_if_count = 3 },
    { .id = "say", .type = QUESTION_TEXT, .max_length = 5, .show_if_question = "why", .show_if_values = other, .show_if_count = 1 },
    { .id = "one", .type = QUESTION_SINGLE, .choices = choices, .choice_count = 3 },
};
static const struct survey survey = { .questions = questions, .question_count = 4 };

struct expected {
    const char *fields; /* "id=value;id=value" */
    bool finished;
    enum answer_fault fault;
    const char *question, *json;
};

static size_t split(const char *fields, struct answer_input *inputs)
{
    size_t count = 0;
    for (const char *at = fields; *at;) {
        size_t length = strcspn(at, ";"), name = strcspn(at, "=");
        inputs[count++] = (struct answer_input) { { at, name }, { at + name + 1, length - name - 1 } };
        at += length + (at[length] == ';');
    }
    return count;
}

static void test_table(void **state)
{
    (void)state;
    static const struct expected table[] = {
        { "nps=9", true, ANSWER_GOOD, NULL, "{\"nps\":9}" },
        { "nps= 10 ", true, ANSWER_GOOD, NULL, "{\"nps\":10}" },
        { "nps=11", true, ANSWER_OUT_OF_RANGE, "nps", NULL },
        { "nps=-1", true, ANSWER_OUT_OF_RANGE, "nps", NULL },
        { "nps=7.0", true, ANSWER_OUT_OF_RANGE, "nps", NULL },
        { "nps=99999999999999999999999", true, ANSWER_OUT_OF_RANGE, "nps", NULL },
        { "nps=9;nps=8", true, ANSWER_REPEATED, "nps", NULL },
        { "", true, ANSWER_MISSING, "nps", NULL },
        { "", false, ANSWER_EMPTY, NULL, NULL },
        { "nps=", false, ANSWER_EMPTY, NULL, NULL },
        { "x=1", false, ANSWER_UNKNOWN_QUESTION, NULL, NULL },
        { "nps=1", true, ANSWER_MISSING, "why", NULL },
        { "nps=1", false, ANSWER_GOOD, NULL, "{\"nps\":1}" },
        { "nps=1;why=price;why=late", true, ANSWER_GOOD, NULL, "{\"nps\":1,\"why\":[\"late\",\"price\"]}" },
        { "nps=9;why=price", true, ANSWER_GOOD, NULL, "{\"nps\":9}" },
        { "nps=1;why=other;say=abc", true, ANSWER_GOOD, NULL, "{\"nps\":1,\"why\":[\"other\"],\"say\":\"abc\"}" },
        { "nps=1;why=late;say=abc", true, ANSWER_GOOD, NULL, "{\"nps\":1,\"why\":[\"late\"]}" },
        { "nps=1;why=other;say=\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", true, ANSWER_GOOD, NULL,
          "{\"nps\":1,\"why\":[\"other\"],\"say\":\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"}" },
        { "nps=1;why=other;say=abcdef", true, ANSWER_TOO_LONG, "say", NULL },
        { "nps=1;why=other;say=\xff", true, ANSWER_OUT_OF_RANGE, "say", NULL },
        { "nps=9;one=late", true, ANSWER_GOOD, NULL, "{\"nps\":9,\"one\":\"late\"}" },
        { "nps=9;one=early", true, ANSWER_OUT_OF_RANGE, "one", NULL },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct answer_input inputs[8];
        struct strbuf json = { 0 };
        struct answer_result result;
        answers_check(&survey, inputs, split(table[i].fields, inputs), table[i].finished, &json, &result);
        if (result.fault != table[i].fault)
            fail_msg("'%s': %s", table[i].fields, answer_fault_text(result.fault));
        assert_string_equal(result.question ? result.question->id : "-", table[i].question ? table[i].question : "-");
        assert_string_equal(strbuf_text(&json), table[i].json ? table[i].json : "");
        strbuf_release(&json);
    }
}

/* The longest answers that the survey can have, of wide and of escaped characters, fit into the room that all are padded to. */
static void test_room(void **state)
{
    (void)state;
    static const char *const longest[] = {
        "nps=0;why=late;why=price;why=other;say=\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80;one=price",
        "nps=0;why=late;why=price;why=other;say=\"\"\"\"\";one=price",
    };
    for (size_t i = 0; i < 2; i++) {
        struct answer_input inputs[16];
        struct strbuf json = { 0 };
        struct answer_result result;
        answers_check(&survey, inputs, split(longest[i], inputs), true, &json, &result);
        assert_int_equal(result.fault, ANSWER_GOOD);
        assert_true(json.length > 70 && json.length <= answers_room(&survey));
        strbuf_release(&json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_table), cmocka_unit_test(test_room) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
