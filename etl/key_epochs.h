/* The end of a rotation: an epoch of the analytics key under which no identifier is stored any more is destroyed. Identifiers
 * go to the newest epoch when they are seen again (etl/identity.h) and leave with their person's last case; a year after the epoch was
 * followed by another all others leave as well, but for those that a stored case carries (it is held, or was delivered again without its
 * identifiers) or a hold names. */
#ifndef ETL_KEY_EPOCHS_H
#define ETL_KEY_EPOCHS_H

#include "etl/case_table.h"
#include "etl/store.h"

struct key_epochs {
    int64_t destroyed;
    int64_t identifiers; /* that no case carries: they left */
    uint32_t spent[PSEUDONYM_MAX_EPOCHS]; /* out of use, but handed over by systemd: the operator takes them out of the unit */
    size_t spent_count;
};

struct key_retirement {
    const struct store *store;
    const struct case_tables *tables;
    const char *keys_folder;
    int32_t today, oldest_day; /* the local day; the oldest day of closing that is not past its term */
};

/* First completes what a killed call left. The newest epoch stays always. */
int key_epochs_retire(const struct key_retirement *retirement, struct key_epochs *epochs, struct err *err);

/* The part in the store (etl/key_epoch_end.c): notes which epochs were followed by another by today; forgets of an epoch that was
 * before oldest_day what no case carries. */
int key_epoch_note(const struct key_retirement *retirement, struct err *err);
int key_epoch_end(const struct key_retirement *retirement, uint32_t epoch, int64_t *identifiers, struct err *err);

/* Is it a credential of an epoch before the newest on which nothing rests any more? */
int key_epoch_is_spent(struct db *cases, const struct keyring *keyring, uint32_t epoch, bool *spent, struct err *err);

/* What the named query of etl/sql/key_epochs.sql counts for an epoch: identifiers in cases.db, contacts and invitations in surveys.db. */
int key_epoch_number(struct db *db, const char *query, uint32_t epoch, int64_t *number, struct err *err);

/* Gives up what rests on an epoch of KEY_CONTACT or KEY_TOKEN that is lost: contacts go; open invitations and messages that wait are
 * over. Of KEY_QUARANTINE nothing: rows and kept inputs that nobody can read go by their terms. In a transaction of the caller. */
int key_epoch_give_up(struct db *surveys, enum key_purpose purpose, uint32_t epoch, int64_t *rows, struct err *err);

#endif
