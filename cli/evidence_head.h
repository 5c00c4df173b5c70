/* Heads of the evidence log in the hands of the data protection officer (answers/dpo/evidence-head-<instant>.txt): against them
 * it shows that the log was cut off. */
#ifndef CLI_EVIDENCE_HEAD_H
#define CLI_EVIDENCE_HEAD_H

#include "core/evidence.h"
#include "core/workspace.h"

struct evidence_state {
    struct evidence_report report;
    size_t heads;      /* that were compared */
    bool gone;         /* no line is there, although something was stored */
    char *missing;     /* the first file whose head the log no longer has, or NULL; to be freed */
};

/* Acts without outcome but for the one that asks, which has none yet: killed ones. */
int64_t evidence_state_killed(const struct evidence_state *state);

/* Verifies the log, also against all heads in answers/dpo and the `extra` one (a file, or NULL). */
int evidence_state_read(const struct workspace *workspace, const char *extra, struct evidence_state *state, struct err *err);

/* 0, or ERR_DATA with what is wrong with the log. */
int evidence_state_result(const struct evidence_state *state, struct err *err);
void evidence_state_release(struct evidence_state *state);

/* Writes the head as of `now`; ERR_DATA if something is wrong with the log, which the file then says, too. */
int evidence_head_hand_over(const struct workspace *workspace, int64_t now, struct err *err);

#endif
