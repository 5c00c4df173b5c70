/* The end of a rotation: an epoch of the analytics key under which no identifier is stored any more is destroyed. Identifiers
 * go to the newest epoch when their person is seen again (etl/identity.h) and leave with their last case, so an epoch ends a
 * year after its rotation at the latest. */
#ifndef ETL_KEY_EPOCHS_H
#define ETL_KEY_EPOCHS_H

#include "etl/store.h"

struct key_epochs {
    int64_t destroyed;
    int64_t credentials; /* out of use, but handed over by systemd: the operator takes them out of the unit */
};

/* First completes what a killed call left. The newest epoch stays always. */
int key_epochs_retire(const struct store *store, const char *keys_folder, struct key_epochs *epochs, struct err *err);

/* What the named query of etl/sql/key_epochs.sql counts for an epoch: identifiers in cases.db, contacts and invitations in surveys.db. */
int key_epoch_number(struct db *db, const char *query, uint32_t epoch, int64_t *number, struct err *err);

/* Gives up what rests on an epoch of KEY_CONTACT or KEY_TOKEN that is lost: contacts go; open invitations and messages that wait are
 * over. Of KEY_QUARANTINE nothing: rows and kept inputs that nobody can read go by their terms. In a transaction of the caller. */
int key_epoch_give_up(struct db *surveys, enum key_purpose purpose, uint32_t epoch, int64_t *rows, struct err *err);

#endif
