/* One message or hand-off row to be: its names, the last look at whether it may go, its reservation, its way into the spool. What send.c,
 * confirm.c and handoff.c share. */
#ifndef SURVEYS_OUTGOING_H
#define SURVEYS_OUTGOING_H

#include "core/mem.h"
#include "surveys/audience.h"
#include "surveys/consent.h"
#include "surveys/contact.h"
#include "surveys/send.h"
#include "surveys/spool.h"
#include "surveys/token.h"

struct outgoing {
    /* 0: the invitation, then reminders; -1, -2, ...: requests to confirm an opt-in, whose `invitation` is the row of confirmation. */
    int64_t number;
    int64_t recipient, invitation, expires_at; /* when the link stops working */
    const struct plan *plan; /* of an invitation */
    unsigned char case_hash[CASE_HASH_BYTES];
    char language[16];
    uint32_t epoch;          /* of the token key, 0: the newest */
    char id[2 * PSEUDONYM_BYTES + 1];
    char token[TOKEN_LENGTH + 1];
    struct consent_state consent;
};

static inline bool number_confirms(int64_t number)
{
    return number < 0;
}

/* Fills invitation, id, token and, if it is 0, epoch. Number and name follow from who is asked what, under a key that does not
 * rotate, and so does the token within its key's epoch: a second attempt makes the same. A reminder has the
 * invitation's own token, of the invitation's epoch. A confirmation is the same for all surveys of a brand and purpose. */
void outgoing_name(const struct send_input *input, struct outgoing *outgoing);

/* Why a message may not go to somebody any more. */
enum suppression {
    SUPPRESSED_NOT,
    SUPPRESSED_NO_CONSENT, /* none, unconfirmed, opted out, objected, no legal basis in the country; of a confirmation: not waiting for it */
    SUPPRESSED_OPTED_OUT,  /* by the link, and the ledger does not know it yet */
    SUPPRESSED_ANSWERED,
    SUPPRESSED_BOUNCED,
    SUPPRESSED_HELD_OUT,   /* the person, by another address */
    SUPPRESSED_CAP,
    SUPPRESSED_ASKED,      /* about the case, or in the wave, since it was planned or by another address of the person */
};

const char *suppression_name(enum suppression suppression);

/* Looks at consent, intake, bounces, at what else the person had and, where `with_cap`, at the frequency caps. `contact` may be NULL (it
 * is gone). Fills
 * `outgoing->consent`. 0 and *suppression, or an error. */
int outgoing_suppression(const struct send_input *input, struct outgoing *outgoing, const struct contact *contact, bool with_cap,
                         enum suppression *suppression, struct err *err);

/* Where the message is. If this ledger knows that the one of an earlier plan was taken back unsent, that is forgotten, row and marker: the
 * person can be asked by this plan, under the same id. A marker that the ledger knows nothing of (it is an older one, restored)
 * stays. In the caller's transaction. */
int outgoing_find(const struct send_input *input, const struct outgoing *outgoing, enum spool_state *found, struct err *err);

/* Writes invitation (of number 0), decision and sending, or the confirmation, down as `spooled` or `sent`; in the caller's transaction.
 * `disclosure` 0: none. */
int outgoing_reserve(const struct send_input *input, const struct outgoing *outgoing, const char *state, int64_t disclosure, struct err *err);

/* Reserves the message, puts it into the spool unless it or its marker is there, commits, and counts it. */
int outgoing_spool(const struct send_input *input, const struct outgoing *outgoing, const struct contact *contact,
                   struct send_result *result, struct err *err);

#endif
