/* The keys that a store was made with (table store_key): each is known by a fingerprint, so that one that is lost, or in whose
 * place another lies, is told and never silently used or replaced.
 *
 * Without the keys of identifiers, objections and cases nothing is done (etl/store.h): nobody would be recognised. Without those of
 * contacts, tokens or the quarantine nothing is read in, asked or sent, but objections, erasures and the end of the data go on:
 * they need no secret of those. */
#ifndef ETL_STORE_KEYS_H
#define ETL_STORE_KEYS_H

#include "core/db.h"
#include "core/keyring.h"

struct store_key {
    enum key_purpose purpose;
    uint32_t epoch;
    bool is_there; /* else it is lost */
    bool is_damaged; /* lost, but its file lies there */
    bool is_same;  /* else another key has its name */
};

/* The keys recorded, by purpose and epoch. */
int store_keys_each(struct db *cases, const struct keyring *keyring, void (*visit)(void *context, const struct store_key *key),
                    void *context, struct err *err);
/* "the key 'contact.1', with which the store was made, is gone; restore it"; of a key that is wrong. */
void store_key_describe(const struct store_key *key, char *out, size_t size);

/* Records the newest of each purpose, if its epoch was not known. */
int store_keys_record(struct db *cases, const struct keyring *keyring, struct err *err);

/* ERR_PERMISSION if a key of the first `purposes` is lost or another; KEY_PURPOSES: of all, and one must be there of each. */
int store_keys_require(struct db *cases, const struct keyring *keyring, enum key_purpose purposes, struct err *err);
/* Is every recorded key of the purpose in place, and one there? */
int store_keys_usable(struct db *cases, const struct keyring *keyring, enum key_purpose purpose, bool *usable, struct err *err);

/* No longer remembers a key; the caller gave up what rested on it. */
int store_keys_forget(struct db *cases, enum key_purpose purpose, uint32_t epoch, struct err *err);

#endif
