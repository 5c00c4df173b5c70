/* The intake (state/intake.db) from the page's side: what a token opens, and what is taken in for the batch.
 *
 * Laws. An answer is stored exactly once: the transaction that stores it spends the ticket, and it is synced before the call
 * returns. It was given under the questions that were approved, or it is not stored: whoever edits the survey's file marks no
 * answer. Whoever has the database and not the token key reads no answer; what was saved half-way nobody reads, whatever keys, databases
 * and messages they have, but who has the address that the page had then. Nothing here changes on looking. */
#ifndef SURVEYS_INTAKE_H
#define SURVEYS_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/keyring.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "surveys/token.h"

enum intake_kind { INTAKE_ANSWER, INTAKE_CONFIRM };
enum { INTAKE_DIGEST_BYTES = 32 }; /* of a survey's questions */

struct ticket {
    enum intake_kind kind;
    char survey[64], controller[64], language[16];
    int64_t wave, expires_at;
    bool anonymous, finished, opted_out, confirmed, saved;
    unsigned char questions[INTAKE_DIGEST_BYTES]; /* that were approved; zeros: none were */
};

/* What the token with that hash opens: 1, or 0 if there is no such ticket. */
int intake_find(struct db *intake, const unsigned char hash[TOKEN_HASH_BYTES], struct ticket *ticket, struct err *err);

/* The digest of the survey's questions that were approved: 1, or 0 if none were. */
int intake_approved(struct db *intake, const char *survey, unsigned char questions[INTAKE_DIGEST_BYTES], struct err *err);

/* Was anybody promised that the survey is anonymous, whatever its file says by now? 1 or 0. */
int intake_promised(struct db *intake, const char *survey, struct err *err);

/* Replaces `json` by what was saved with the token under that secret, as answers_check() wrote it: 1, or 0 if nothing was. */
int intake_load_partial(struct db *intake, const char token[TOKEN_LENGTH + 1], const char secret[TOKEN_LENGTH + 1], struct strbuf *json,
                        struct err *err);

/* What a person did. */
enum intake_deed { INTAKE_SAVE, INTAKE_FINISH, INTAKE_OPT_OUT, INTAKE_CONFIRM_OPT_IN };
enum intake_outcome {
    INTAKE_DONE,     /* stored now */
    INTAKE_REPEATED, /* it had been done before: nothing changed */
    INTAKE_EXPIRED,
    INTAKE_UNKNOWN,  /* no such ticket, or not one for this deed */
    INTAKE_CHANGED,  /* the answer is to other questions than those that were approved */
};

struct intake_job {
    enum intake_deed deed;
    char token[TOKEN_LENGTH + 1];
    char secret[TOKEN_LENGTH + 1]; /* for INTAKE_SAVE: token_random(), opens what was saved and is stored nowhere */
    struct slice json; /* of answers_check(), for INTAKE_SAVE and INTAKE_FINISH */
    unsigned char questions[INTAKE_DIGEST_BYTES]; /* that it answers */
    size_t room;       /* answers_room() of them */
    int64_t now;
    enum intake_outcome outcome;
};

/* Does the jobs in one transaction, in order, each with its outcome. On failure none is done. ERR_CONFIG if there is no key
 * to seal with: no survey was ever sent from here. */
int intake_do(struct db *intake, struct intake_job *const *jobs, size_t count, struct err *err);

/* The pair that answers are sealed to in an epoch, from the token key of that epoch. */
void intake_key_pair(const unsigned char token_key[KEY_BYTES], unsigned char public_key[KEY_BYTES], unsigned char secret_key[KEY_BYTES]);

#endif
