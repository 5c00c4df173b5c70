/* Answers of one respondent, checked against the survey, as the page and the importers take them.
 *
 * An answer that the survey cannot have meant (a 6 on a scale to 5, an unknown choice, two answers to one single-choice
 * question) is refused with the question named; nothing of the response is kept then. Answers to questions that were
 * not shown (show-if) are dropped. Text is trimmed and cut to nothing if blank. */
#ifndef SURVEYS_ANSWER_H
#define SURVEYS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "surveys/definition.h"

struct answer_input {      /* a form field or a CSV cell; a multiple choice stands once per choice */
    struct slice question; /* its id */
    struct slice value;
};

enum answer_fault {
    ANSWER_GOOD,
    ANSWER_EMPTY,            /* no question was answered */
    ANSWER_UNKNOWN_QUESTION,
    ANSWER_OUT_OF_RANGE,     /* not a value that the question has */
    ANSWER_TOO_LONG,
    ANSWER_REPEATED,         /* two answers where one is wanted */
    ANSWER_MISSING,          /* a required question of a finished response */
};

struct answer_result {
    enum answer_fault fault;
    const struct survey_question *question; /* the one at fault, NULL if none or unknown */
    size_t answered;                        /* questions with an answer */
};

/* Checks the inputs and writes the answers as JSON in question order, numbers as numbers, choices as ids, multiple
 * choices as arrays in the order of the definition: {"nps": 9, "reasons": ["late", "price"]}. `finished` asks for all
 * required questions that are shown. The fault is in `result`; `json` is untouched unless it is ANSWER_GOOD. */
void answers_check(const struct survey *survey, const struct answer_input *inputs, size_t count, bool finished,
                   struct strbuf *json, struct answer_result *result);

/* Bytes for which every answer of the survey has room as answers_check() writes it, but one of many control characters: what is
 * padded to it is of one size whatever was answered. */
size_t answers_room(const struct survey *survey);

/* What is to be said of one question while a response is being given. */
struct answer_state {
    bool shown, answered;
    enum answer_fault fault; /* of the values that were given, or ANSWER_MISSING; ANSWER_GOOD for a question that is not shown */
};

/* Fills `states`, one for each question. An answer at fault shows no further question. */
void answers_review(const struct survey *survey, const struct answer_input *inputs, size_t count, struct answer_state *states);

/* Calls `add` for each value of an answer JSON that answers_check() made. False if it is not one. */
bool answers_each(const struct survey *survey, const char *json, void (*add)(void *context, const char *question, struct slice value),
                  void *context);

/* A sentence in English for logs and importers; the page has its own in the respondent's language. */
const char *answer_fault_text(enum answer_fault fault);

#endif
