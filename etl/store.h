/* The store of closed cases, state/cases.db, opened together with the keys that it was made with.
 *
 * A store remembers a fingerprint of each key. A key that is missing or another than the one it was made with is
 * refused: with it nobody would be recognised, neither a customer nor an objector. */
#ifndef ETL_STORE_H
#define ETL_STORE_H

#include <stdint.h>

#include "core/db.h"
#include "core/keyring.h"

struct store {
    struct db *db;
    const struct keyring *keyring;   /* the caller's */
    const unsigned char *analytics;  /* key of the newest epoch */
    uint32_t epoch;
    const unsigned char *objection, *cases; /* keys of epoch 1; they never rotate */
};

/* Opens `path` and makes it if it is not there. ERR_PERMISSION for a missing or other key. */
int store_open(struct store *store, const char *path, const struct keyring *keyring, struct err *err);
void store_close(struct store *store); /* a zeroed one is fine */

/* Gives the next number of a counter ('person', 'identifier', 'code') and keeps it in memory; store_save_counters() writes them
 * back, inside the transaction that uses the numbers. */
enum store_counter { STORE_PERSON, STORE_IDENTIFIER, STORE_CODE, STORE_COUNTERS };
struct store_counters {
    int64_t last[STORE_COUNTERS];
};
int store_load_counters(const struct store *store, struct store_counters *counters, struct err *err);
int store_save_counters(const struct store *store, const struct store_counters *counters, struct err *err);

/* A person's cases have the ids person << STORE_PERSON_SHIFT | 1 and on. */
enum { STORE_PERSON_SHIFT = 24, STORE_MAX_CASES = (1 << STORE_PERSON_SHIFT) - 1 };
#define STORE_MAX_PERSON (INT64_C(1) << 38)

static inline int64_t store_first_id(int64_t person)
{
    return person << STORE_PERSON_SHIFT;
}

#endif
