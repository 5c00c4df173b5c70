/* Contacts: how to reach people with a valid opt-in, and by which identifiers their cases are known. Encrypted field by
 * field under the contact key; in clear only in memory, in an arena that is wiped. A recipient is one address on one
 * channel, found by a keyed hash that outlives the contact: an objection is recognised for ever. */
#ifndef SURVEYS_CONTACT_H
#define SURVEYS_CONTACT_H

#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/keyring.h"
#include "core/mem.h"
#include "core/text.h"

struct contact_identifier {
    const char *kind;   /* as in cases.db: email, phone, id:<name> */
    const char *value;  /* normalised */
};

struct contact {
    int64_t recipient;
    const char *controller;
    const char *channel;          /* email, phone, chat, social */
    const char *address;          /* normalised */
    const struct contact_identifier *identifiers;
    size_t identifier_count;
    const char *language;         /* BCP 47, or NULL */
    const char *country;          /* ISO 3166, or NULL */
    const char *timezone;         /* IANA, or NULL: the country's */
    int64_t updated_at;
    int32_t usable_until;         /* local day after which no survey can use it */
};

/* The recipient with that address on that channel, made if there is none. 0 and *recipient, or an error. */
int recipient_get(struct db *surveys, const struct keyring *keyring, const char *channel, const char *address,
                  int64_t *recipient, struct err *err);
/* The same without making one: *recipient is 0 if there is none. */
int recipient_find(struct db *surveys, const struct keyring *keyring, const char *channel, const char *address,
                   int64_t *recipient, struct err *err);

/* The recipient that stands for whoever is known by the identifier on that channel, made and linked if there is none: their address
 * itself, or a place holder of no address, so that what is recorded for it holds for each address that turns out to be the person's. */
int recipient_stand_in(struct db *surveys, const struct keyring *keyring, const char *channel, const struct contact_identifier *identifier,
                       int64_t *recipient, struct err *err);

/* By what the store of cases recognises a person who claimed something: hashes of identifiers under the objection key. */
struct recipient_hashes {
    const unsigned char (*list)[PSEUDONYM_BYTES];
    size_t count;
};
/* Notes that the recipient is that person: all of whom that is noted are one. */
int recipient_recognise(struct db *surveys, const struct keyring *keyring, int64_t recipient, struct recipient_hashes known_by, struct err *err);

/* Notes by which identifiers the recipient is known, also where no contact is kept. */
int recipient_link(struct db *surveys, const struct keyring *keyring, const struct contact *contact, struct err *err);

/* Stores or refreshes the contact. What was there is replaced unless it is newer; identifiers are joined. */
int contact_put(struct db *surveys, const struct keyring *keyring, const struct contact *contact, struct err *err);

/* 1 and the contact, decrypted into the arena; 0 if there is none; ERR_DATA if it cannot be decrypted. */
int contact_get(struct db *surveys, const struct keyring *keyring, int64_t recipient, const char *controller,
                struct arena *arena, struct contact *contact, struct err *err);

/* Whoever is known by one of the identifiers is known by all of them from now on: one case says that they are one person's. */
int recipient_join(struct db *surveys, const struct keyring *keyring, const struct contact_identifier *identifiers, size_t count, struct err *err);

/* The recipients, on whatever channel, that were ever known by the identifier or share one with such a recipient: the same
 * person for objections and frequency caps. */
int recipient_each_known_by(struct db *surveys, const struct keyring *keyring, const struct contact_identifier *identifier,
                            int (*visit)(void *context, int64_t recipient, struct err *err), void *context,
                            struct err *err);
/* The same for one of the hashes of recipient_recognise(). */
int recipient_each_recognised(struct db *surveys, const struct keyring *keyring, const unsigned char known[PSEUDONYM_BYTES],
                              int (*visit)(void *context, int64_t recipient, struct err *err), void *context, struct err *err);

/* All contacts of a controller and channel, decrypted one at a time: texts are valid during the call. The callback
 * returns 0 to go on or a negative code that ends the walk. */
int contact_each(struct db *surveys, const struct keyring *keyring, const char *controller, const char *channel,
                 int (*visit)(void *context, const struct contact *contact, struct err *err), void *context,
                 struct err *err);

/* Deletes the contacts that no survey can use any more on `today`; *count how many. */
int contact_expire(struct db *surveys, int32_t today, int64_t *count, struct err *err);
/* Deletes the contact of one controller, or of all for CONSENT_ALL: opt-out. */
int contact_leave(struct db *surveys, int64_t recipient, const char *controller, struct err *err);
/* Deletes all contacts of a recipient: opt-out of everything, objection, erasure. */
int contact_delete(struct db *surveys, int64_t recipient, struct err *err);

#endif
