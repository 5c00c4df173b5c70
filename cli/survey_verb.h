/* What can be done with a survey, whoever asks: `fallzahl survey` and requests. */
#ifndef CLI_SURVEY_VERB_H
#define CLI_SURVEY_VERB_H

#include "cli/session.h"
#include "core/strbuf.h"

struct survey_verb {
    const char *name;
    bool takes_argument;    /* the hash of a plan, or a person */
    bool writes;            /* the workspace has to be entered, for `act` */
    enum workspace_act act;
    bool argument_optional;
};

/* NULL if there is no such verb. */
const struct survey_verb *survey_verb_find(const char *name);

struct survey_ask {
    const struct session *session;
    const struct clock *clock;
    const char *survey, *verb;
    const char *argument;   /* NULL for a verb that takes none */
    const char *who;        /* name of the user who asks */
};

/* Appends the answer to `out`. The verb is a known one, its argument is there, and the workspace is entered if it writes. Problems
 * of the survey's file go to stderr. */
int survey_verb_run(const struct survey_ask *ask, struct strbuf *out, struct err *err);

#endif
