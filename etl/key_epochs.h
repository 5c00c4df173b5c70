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

#endif
