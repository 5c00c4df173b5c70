/* What becomes of messages in the spool: taken, or pulled because the person must not be asked any more. */
#ifndef SURVEYS_DISPATCH_H
#define SURVEYS_DISPATCH_H

#include "surveys/send.h"

struct dispatch_result {
    int64_t sent;      /* found in sent/ */
    int64_t pulled;    /* taken back */
    int64_t dropped;   /* messages that no reservation vouches for */
};

/* Brings the survey's messages up to date with the outbox, then pulls those that wait for somebody who objected, opted out, answered
 * or bounced, whose invitation expired, or whose survey is halted. Adds to the result. */
int dispatch_sweep(const struct send_input *input, bool is_halted, struct dispatch_result *result, struct err *err);

/* Removes waiting messages that are in no reservation: a killed run left them, and the run after it decided otherwise. To be called
 * when all surveys were sent. Proofs stay. */
int dispatch_drop_orphans(struct db *surveys, const char *outbox, struct dispatch_result *result, struct err *err);

/* Removes the markers and messages of a survey that is over from sent/ and pulled/: they hold addresses. */
int dispatch_forget(struct db *surveys, const char *outbox, const char *survey, int64_t *count, struct err *err);

/* Name of a sending's new state in the ledger; of an invitation (number 0) too. Within the caller's transaction or without. */
struct sending_key {
    int64_t invitation, number; /* as in struct outgoing */
};
int dispatch_set_state(struct db *surveys, struct sending_key key, const char *state, struct err *err);

#define PROOF_PREFIX "proof-"

/* What messages in sent/ said goes if they were written before `before`, or are known no more; the markers stay. */
int dispatch_empty_sent(struct db *surveys, const char *outbox, int64_t before, int64_t *count, struct err *err);

#endif
