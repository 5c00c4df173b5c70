/* Mail that comes back: RFC 3464 delivery reports, what other programs write instead, complaints (RFC 5965, ARF), automatic
 * replies, and mail to the address of List-Unsubscribe. Read with gmime; told apart here. What it is about is found by
 * the address that it came to (VERP) or the envelope id (RFC 3461) alone: no address in a text counts. */
#ifndef SURVEYS_BOUNCE_H
#define SURVEYS_BOUNCE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/text.h"

enum bounce_kind {
    BOUNCE_NONE,        /* neither: a person's own mail, a report of success */
    BOUNCE_HARD,        /* the address does not exist or is closed: suppressed */
    BOUNCE_SOFT,        /* not this time, or not this message: counted */
    BOUNCE_FULL,        /* the mailbox is full: counted */
    BOUNCE_AUTO_REPLY,  /* out of office and the like: nothing follows */
    BOUNCE_COMPLAINT,   /* somebody called it spam: suppressed, and an opt-out */
    BOUNCE_UNSUBSCRIBE, /* mail to unsubscribe+ID: an opt-out */
};
const char *bounce_kind_name(enum bounce_kind kind);

enum { BOUNCE_ID_LENGTH = 32, BOUNCE_STATUS_MAX = 16 };

struct bounce_report {
    enum bounce_kind kind;
    char id[BOUNCE_ID_LENGTH + 1]; /* of the message that it is about, or empty */
    char status[BOUNCE_STATUS_MAX]; /* RFC 3463, or empty */
};

/* Never fails: what cannot be read is BOUNCE_NONE. */
void bounce_parse(struct slice message, struct bounce_report *report);

/* What an enhanced status code of a failure says; BOUNCE_NONE if it says nothing by itself (5.0.0, empty). */
enum bounce_kind bounce_kind_of_status(const char *status);
/* The status code in what a server answered, for reports whose own says nothing. */
bool bounce_find_status(const char *text, char status[BOUNCE_STATUS_MAX]);
/* What the words of a report that has no usable code say; BOUNCE_NONE if nothing. */
enum bounce_kind bounce_kind_of_words(const char *text);

/* Writes a hard, soft or full bounce or a complaint about the message `id` to the recipient down, once. */
int bounce_record(struct db *surveys, int64_t recipient, const char *id, const struct bounce_report *report, int64_t now, struct err *err);

/* Finds the message that the report names and writes down what follows: the bounce, and for complaints and unsubscriptions an
 * opt-out. *known says whether there is such a message. Applying a report twice changes nothing. */
int bounce_apply(struct db *surveys, const struct bounce_report *report, int64_t now, bool *known, struct err *err);

#endif
