/* The consent ledger: append-only events per recipient, controller (brand) and purpose, and what follows from them.
 *
 * The time at which something was declared decides, not the time at which it arrived. An opt-out or an objection
 * declared at the same instant as an opt-in wins. A flag in a case export is the weakest of all: it never brings back
 * somebody who ever opted out or objected, however often the file is read again. An opt-out is of the person on that channel: it holds
 * for the person's other addresses there until one of them is declared to be asked again. Withdrawing an objection opens
 * the door; it takes a new opt-in to walk through it. */
#ifndef SURVEYS_CONSENT_H
#define SURVEYS_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

enum consent_kind {
    CONSENT_OPT_IN_REQUESTED, /* double opt-in: asked for, not confirmed */
    CONSENT_OPT_IN,
    CONSENT_OBJECTION_WITHDRAWN,
    CONSENT_OPT_OUT,
    CONSENT_OBJECTION,
};

/* Where an event came from. */
enum consent_origin {
    CONSENT_FROM_EVENT,   /* a subject event, a request */
    CONSENT_FROM_CASE,    /* a flag in a case export */
    CONSENT_FROM_PAGE,    /* the person's own click: the survey page, List-Unsubscribe, the confirmation link */
    CONSENT_FROM_MAIL,    /* a complaint through the mail system */
};

#define CONSENT_ALL "*" /* as controller: the whole group; as purpose: every purpose */

struct consent_event {
    int64_t recipient;
    const char *controller, *purpose;
    enum consent_kind kind;
    enum consent_origin origin;
    const char *text_version;          /* of the text that was shown, or NULL */
    int64_t occurred_at, recorded_at;
    const unsigned char *evidence;     /* 32-byte hash of the evidence, or NULL */
};

/* Appends the event unless the very same one is there. */
int consent_record(struct db *surveys, const struct consent_event *event, bool *is_new, struct err *err);

enum consent_verdict { CONSENT_GIVEN, CONSENT_NONE, CONSENT_UNCONFIRMED, CONSENT_OPTED_OUT, CONSENT_OBJECTED };

struct consent_state {
    enum consent_verdict verdict;
    int64_t event;   /* the event that decided, 0 if there is none */
};

/* What holds at the instant `at`. With `double_opt_in` only an opt-in from the person's own click counts. */
int consent_check(struct db *surveys, const struct consent_event *question, bool double_opt_in, int64_t at,
                  struct consent_state *state, struct err *err);

/* The same, quicker, for a recipient of whom the caller knows that no other address of the same person ever objected. */
int consent_check_alone(struct db *surveys, const struct consent_event *question, bool double_opt_in, int64_t at,
                        struct consent_state *state, struct err *err);

const char *consent_kind_name(enum consent_kind kind);
const char *consent_verdict_name(enum consent_verdict verdict);

/* Did the recipient itself leave at that instant or later, for the question's controller and purpose? 1 yes, 0 no, or an error. */
int consent_left_since(struct db *surveys, const struct consent_event *question, int64_t since, struct err *err);

#endif
