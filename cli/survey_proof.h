/* Proofs: a survey's message in each of its languages with a made-up link, to somebody who wants to see it as it will arrive. */
#ifndef CLI_SURVEY_PROOF_H
#define CLI_SURVEY_PROOF_H

#include "cli/session.h"

struct survey_proof {
    const struct session *session;
    const struct survey *survey;
    const char *outbox, *address; /* e-mail, as somebody typed it */
    int64_t now;
};

/* Into the spool, or to the mail server for `transport: smtp`. *count: messages. ERR_USAGE for a hand-off and for what is no address. */
int survey_proof_send(const struct survey_proof *proof, size_t *count, struct err *err);

/* The message of a proof or preview in one language; the texts of `message` live as long as the survey and `address`. */
struct message survey_proof_message(const struct survey_proof *proof, const char *language, const char *address);

#endif
