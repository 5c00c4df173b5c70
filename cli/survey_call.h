/* A verb of a survey while it runs, for the files that share the verbs. */
#ifndef CLI_SURVEY_CALL_H
#define CLI_SURVEY_CALL_H

#include "cli/survey_verb.h"
#include "core/db.h"
#include "core/keyring.h"
#include "surveys/definition.h"

struct survey_call {
    const struct survey_ask *ask;
    struct strbuf *out;
    struct config *config;
    struct survey *survey;
    struct keyring *keyring;
    struct db *cases, *surveys;
    char *outbox;
    int64_t now, k;
};

/* Reads a response CSV into the intake; rejected rows go to quarantine (cli/survey_import.c). */
int survey_import(struct survey_call *call, struct err *err);

/* Free text for the reviewer, and the reviewer's decisions (cli/survey_review.c). */
int survey_review(struct survey_call *call, struct err *err);

/* What is published of the survey, and how far the answers are (cli/survey_results.c). */
int survey_results(struct survey_call *call, struct err *err);

#endif
