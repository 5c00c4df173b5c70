/* Proofs: a survey's message in each of its languages, marked as a preview and with links that are nobody's, to somebody who wants to see
 * it as it will arrive. */
#ifndef CLI_SURVEY_PROOF_H
#define CLI_SURVEY_PROOF_H

#include "cli/session.h"

struct survey_proof {
    const struct session *session;
    const struct survey *survey;
    const struct keyring *keyring;
    struct db *cases, *surveys;
    const char *outbox, *address; /* e-mail, as somebody typed it */
    int64_t now;
};

/* Into the spool, or to the mail server for `transport: smtp`. *count: messages. ERR_USAGE for a hand-off, for what is no
 * address, for a survey that is halted, and for the address of somebody who objected or opted out; ERR_DATA after a restore. */
int survey_proof_send(const struct survey_proof *proof, size_t *count, struct err *err);

/* The message of a proof or preview in one language; the texts of `message` live as long as the survey and `address`. */
struct message survey_proof_message(const struct survey_proof *proof, const char *language, const char *address);

#endif
