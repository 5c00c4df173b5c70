#include "surveys/answer.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

const char *answer_fault_text(enum answer_fault fault)
{
    static const char *const texts[] = {
        "good",
        "no question is answered",
        "no question has this id",
        "not a value that the question has",
        "the text is too long",
        "more than one answer to a question that takes one",
        "a required question has no answer",
    };
    return texts[fault];
}

/* The whole number that the text is, in the plain form that people type ("7", "-3", not "7.0"). */
static bool read_integer(struct slice text, int64_t *value)
{
    char digits[24];
    char *end;
    if (!text.length || text.length >= sizeof digits)
        return false;
    memcpy(digits, text.text, text.length);
    digits[text.length] = '\0';
    if (strspn(digits, "-0123456789") != text.length)
        return false;
    *value = strtoll(digits, &end, 10);
    return *end == '\0' && end != digits;
}

static size_t count_code_points(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.text[i] & 0xc0) != 0x80;
    return count;
}

static bool has_choice(const struct survey_question *question, struct slice value)
{
    for (size_t i = 0; i < question->choice_count; i++)
        if (slice_equals(value, question->choices[i].id))
            return true;
    return false;
}

static enum answer_fault check_value(const struct survey_question *question, struct slice value)
{
    int64_t number;
    switch (question->type) {
    case QUESTION_SCALE:
    case QUESTION_NPS:
    case QUESTION_CSAT:
    case QUESTION_CES:
    case QUESTION_NUMBER:
        if (!read_integer(value, &number) || number < question->lowest || number > question->highest)
            return ANSWER_OUT_OF_RANGE;
        break;
    case QUESTION_SINGLE:
    case QUESTION_MULTIPLE:
        if (!has_choice(question, value))
            return ANSWER_OUT_OF_RANGE;
        break;
    case QUESTION_TEXT:
        if (!text_is_utf8(value) || memchr(value.text, '\0', value.length))
            return ANSWER_OUT_OF_RANGE;
        if (count_code_points(value) > (size_t)question->max_length)
            return ANSWER_TOO_LONG;
        break;
    }
    return ANSWER_GOOD;
}

static const struct survey_question *find_question(const struct survey *survey, struct slice id)
{
    for (size_t i = 0; i < survey->question_count; i++)
        if (slice_equals(id, survey->questions[i].id))
            return &survey->questions[i];
    return NULL;
}

static enum answer_fault check_inputs(const struct survey *survey, const struct answer_input *inputs, size_t count,
                                      const struct survey_question **question)
{
    bool *answered = mem_zalloc(survey->question_count, sizeof *answered);
    enum answer_fault fault = ANSWER_GOOD;
    for (size_t i = 0; i < count && fault == ANSWER_GOOD; i++) {
        struct slice value = text_trim(inputs[i].value);
        *question = find_question(survey, inputs[i].question);
        if (!*question)
            fault = ANSWER_UNKNOWN_QUESTION;
        else if (value.length) {
            bool *seen = &answered[*question - survey->questions];
            fault = *seen && (*question)->type != QUESTION_MULTIPLE ? ANSWER_REPEATED : check_value(*question, value);
            *seen = true;
        }
    }
    free(answered);
    return fault;
}

static bool is_given(const struct answer_input *input, const struct survey_question *question, const char *value)
{
    return slice_equals(input->question, question->id) && slice_equals(text_trim(input->value), value);
}

/* Multiple choices in the order of the definition, so that the order of clicking is not stored. */
static json_t *multiple_value(const struct survey_question *question, const struct answer_input *inputs, size_t count)
{
    json_t *list = json_array();
    for (size_t c = 0; c < question->choice_count; c++) {
        bool given = false;
        for (size_t i = 0; i < count; i++)
            given = given || is_given(&inputs[i], question, question->choices[c].id);
        if (given)
            json_array_append_new(list, json_string(question->choices[c].id));
    }
    return list;
}

static json_t *single_value(const struct survey_question *question, struct slice value)
{
    int64_t number = 0;
    bool textual = question->type == QUESTION_SINGLE || question->type == QUESTION_TEXT;
    if (textual)
        return json_stringn(value.text, value.length);
    read_integer(value, &number);
    return json_integer(number);
}

/* The value of an answered question, NULL if it was not answered. */
static json_t *value_of(const struct survey_question *question, const struct answer_input *inputs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice value = text_trim(inputs[i].value);
        if (!slice_equals(inputs[i].question, question->id) || !value.length)
            continue;
        if (question->type == QUESTION_MULTIPLE)
            return multiple_value(question, inputs, count);
        return single_value(question, value);
    }
    return NULL;
}

static bool equals(const json_t *value, const char *text)
{
    int64_t number;
    if (json_is_string(value))
        return strcmp(json_string_value(value), text) == 0;
    return json_is_integer(value) && read_integer((struct slice) { text, strlen(text) }, &number) && number == json_integer_value(value);
}

/* Shown if the deciding question was itself shown and answered with one of the values. */
static bool is_shown(const struct survey_question *question, const json_t *answers)
{
    if (!question->show_if_question)
        return true;
    const json_t *value = json_object_get(answers, question->show_if_question), *element;
    for (size_t i = 0; i < question->show_if_count; i++) {
        size_t at;
        if (equals(value, question->show_if_values[i]))
            return true;
        json_array_foreach(value, at, element) if (equals(element, question->show_if_values[i])) return true;
    }
    return false;
}

static enum answer_fault review_values(const struct survey_question *question, const struct answer_input *inputs, size_t count,
                                       bool *answered)
{
    for (size_t i = 0; i < count; i++) {
        struct slice value = text_trim(inputs[i].value);
        if (!slice_equals(inputs[i].question, question->id) || !value.length)
            continue;
        enum answer_fault fault = *answered && question->type != QUESTION_MULTIPLE ? ANSWER_REPEATED : check_value(question, value);
        *answered = true;
        if (fault)
            return fault;
    }
    return question->required && !*answered ? ANSWER_MISSING : ANSWER_GOOD;
}

void answers_review(const struct survey *survey, const struct answer_input *inputs, size_t count, struct answer_state *states)
{
    json_t *answers = json_object();
    for (size_t i = 0; i < survey->question_count; i++) {
        const struct survey_question *question = &survey->questions[i];
        struct answer_state *state = &states[i];
        *state = (struct answer_state){ .shown = is_shown(question, answers) };
        if (!state->shown)
            continue;
        state->fault = review_values(question, inputs, count, &state->answered);
        if (!state->fault && state->answered)
            json_object_set_new(answers, question->id, value_of(question, inputs, count));
    }
    json_decref(answers);
}

static void give_value(const struct survey_question *question, const json_t *value,
                       void (*add)(void *context, const char *question, struct slice value), void *context)
{
    char digits[24];
    if (json_is_string(value)) {
        add(context, question->id, (struct slice){ json_string_value(value), json_string_length(value) });
    } else if (json_is_integer(value)) {
        int length = snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
        add(context, question->id, (struct slice){ digits, (size_t)length });
    }
}

bool answers_each(const struct survey *survey, const char *json, void (*add)(void *context, const char *question, struct slice value),
                  void *context)
{
    json_t *answers = json_loads(json, 0, NULL);
    for (size_t i = 0; json_is_object(answers) && i < survey->question_count; i++) {
        const struct survey_question *question = &survey->questions[i];
        const json_t *value = json_object_get(answers, question->id), *element;
        size_t at;
        give_value(question, value, add, context);
        json_array_foreach(value, at, element) give_value(question, element, add, context);
    }
    bool read = json_is_object(answers);
    json_decref(answers);
    return read;
}

static size_t choices_room(const struct survey_question *question)
{
    size_t room = 0;
    for (size_t i = 0; i < question->choice_count; i++)
        room += strlen(question->choices[i].id) + sizeof "\"\",";
    return room;
}

size_t answers_room(const struct survey *survey)
{
    enum { CODE_POINT_BYTES = 4, INTEGER_BYTES = 20 };
    size_t room = sizeof "{}";
    for (size_t i = 0; i < survey->question_count; i++) {
        const struct survey_question *question = &survey->questions[i];
        size_t text = question->type == QUESTION_TEXT ? (size_t)question->max_length * CODE_POINT_BYTES : INTEGER_BYTES;
        room += strlen(question->id) + sizeof "\"\":\"\"," + text + choices_room(question);
    }
    return room;
}

static void finish(json_t *answers, struct strbuf *json)
{
    char *text = json_dumps(answers, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (!text)
        mem_fail();
    strbuf_clear(json);
    strbuf_adds(json, text);
    explicit_bzero(text, strlen(text));
    free(text);
}

void answers_check(const struct survey *survey, const struct answer_input *inputs, size_t count, bool finished,
                   struct strbuf *json, struct answer_result *result)
{
    *result = (struct answer_result) { 0 };
    result->fault = check_inputs(survey, inputs, count, &result->question);
    json_t *answers = json_object();
    for (size_t i = 0; i < survey->question_count && result->fault == ANSWER_GOOD; i++) {
        const struct survey_question *question = &survey->questions[i];
        if (!is_shown(question, answers))
            continue;
        json_t *value = value_of(question, inputs, count);
        if (value) {
            json_object_set_new(answers, question->id, value);
            result->answered++;
        } else if (finished && question->required) {
            result->fault = ANSWER_MISSING;
            result->question = question;
        }
    }
    if (result->fault == ANSWER_GOOD) {
        result->question = NULL;
        if (result->answered)
            finish(answers, json);
        else
            result->fault = ANSWER_EMPTY;
    }
    json_decref(answers);
}
