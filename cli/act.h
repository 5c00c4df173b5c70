/* An act under evidence: its intent is in state/evidence.log before it begins, its outcome after. Whatever a command changes, it
 * changes between act_begin() and act_end(). */
#ifndef CLI_ACT_H
#define CLI_ACT_H

#include "cli/caller.h"
#include "core/clock.h"
#include "core/workspace.h"

struct act {
    const struct workspace *workspace;
    const struct clock *clock;
    const char *name;        /* "ingest", "survey approve" */
    const char *about;       /* the survey, the release; or NULL */
    char who[CALLER_MAX];    /* empty: the user who runs this */
    int64_t intent;          /* its line in the log; 0: not begun */
};

/* The names above are set; ERR_* of evidence_intent(). */
int act_begin(struct act *act, struct err *err);

/* Writes the outcome: `code` of the act and its counts (a JSON object, or NULL). Returns `code`, or the error of the log. Does
 * nothing but that for an act that was not begun. */
int act_end(struct act *act, int code, const char *counts, struct err *err);

#endif
