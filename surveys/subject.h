/* What subject events mean for surveys: consent ledger, contacts, invitations, messages that wait in the spool.
 *
 * Events come as JSON from the journal of cases.db (etl/subject_store.h says what is in it). The time at which something was declared
 * decides; taking an event twice changes nothing. After each event only those contacts are left for which a consent is in
 * force. All within a transaction of the caller on surveys.db. */
#ifndef SURVEYS_SUBJECT_H
#define SURVEYS_SUBJECT_H

#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/keyring.h"
#include "core/text.h"
#include "surveys/contact.h"

struct subject_desk {
    struct db *surveys;
    struct db *intake;   /* or NULL; what is erased there is committed before the caller commits, and may be erased again */
    const struct keyring *keyring;
    bool contacts_lost;  /* a key of contacts is lost or another: none is stored, and those that cannot be opened are passed over */
    const char *outbox;
    int64_t now;
    /* The last local day on which a survey could use a contact given now, INT32_MIN: none can. */
    int32_t (*usable_until)(void *context, const char *controller, const char *channel, const char *purpose);
    /* Does anything ask for that purpose? */
    bool (*is_purpose)(void *context, const char *purpose);
    void *context;
};

struct subject_effects {
    int64_t claims;      /* events after which subject_sweep() is called for */
    int64_t consents;    /* new lines of the ledger */
    int64_t contacts;    /* stored or refreshed */
    int64_t withdrawn;   /* messages taken back from the spool */
    int64_t bounces;
    int64_t unkept;      /* contacts that were not stored: contacts_lost */
    int64_t unread;      /* contacts that could not be opened; they have to be swept again when they can */
};

/* ERR_DATA if it is no such event. */
int subject_take(const struct subject_desk *desk, struct slice json, struct subject_effects *effects, struct err *err);

/* What a person claimed: instants, INT64_MIN: never; and by what the store of cases recognises that person. */
struct subject_claims {
    int64_t objected_at, withdrawn_at, erased_at;
    struct recipient_hashes known_by; /* valid until the next question */
};

/* Looks through all contacts for persons that claimed something by an identifier that an event did not name: `claims` tells, for
 * an identifier, whether its person claimed anything or left a survey (1, 0 or an error). */
int subject_sweep(const struct subject_desk *desk,
                  int (*claims)(void *context, const char *kind, struct slice value, struct subject_claims *claims, struct err *err),
                  void *context, struct subject_effects *effects, struct err *err);

#endif
