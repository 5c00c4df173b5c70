/* One message or hand-off row to be: its names, the last look at whether it may go, its reservation. What send.c and
 * handoff.c share. */
#ifndef SURVEYS_OUTGOING_H
#define SURVEYS_OUTGOING_H

#include "core/mem.h"
#include "surveys/audience.h"
#include "surveys/consent.h"
#include "surveys/contact.h"
#include "surveys/send.h"
#include "surveys/token.h"

/* As the number of a message: the request to confirm an opt-in. Its `invitation` is the row of the table confirmation. */
enum { NUMBER_CONFIRMATION = -1 };

struct outgoing {
    int64_t recipient, invitation, number; /* number 0: the invitation, then reminders; or NUMBER_CONFIRMATION */
    unsigned char case_hash[CASE_HASH_BYTES];
    char language[16];
    uint32_t epoch;          /* of the token key, 0: the newest */
    char id[2 * PSEUDONYM_BYTES + 1];
    char token[TOKEN_LENGTH + 1];
    struct consent_state consent;
};

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
    SUPPRESSED_CAP,
};

/* Looks at consent, intake, bounces and, where `with_cap`, the frequency cap. `contact` may be NULL (it is gone). Fills
 * `outgoing->consent`. 0 and *suppression, or an error. */
int outgoing_suppression(const struct send_input *input, struct outgoing *outgoing, const struct contact *contact, bool with_cap,
                         enum suppression *suppression, struct err *err);

/* Writes invitation (of number 0), decision and sending down; in the caller's transaction. `disclosure` 0: none. */
struct reservation {
    const char *state;       /* spooled or sent */
    int64_t expires_at, disclosure;
    const struct plan *plan;
};
int outgoing_reserve(const struct send_input *input, const struct outgoing *outgoing, const struct reservation *reservation,
                     struct err *err);

#endif
