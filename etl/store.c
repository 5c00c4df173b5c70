#include "etl/store.h"

#include <string.h>

static const char queries[] = "etl/sql/store.sql";
static const char *const counter_names[STORE_COUNTERS] = { "person", "identifier", "code" };

static const enum key_purpose checked_purposes[] = { KEY_ANALYTICS, KEY_OBJECTION, KEY_CASES };

static enum key_purpose purpose_of(const char *name)
{
    for (size_t i = 0; i < sizeof checked_purposes / sizeof *checked_purposes; i++)
        if (strcmp(name, key_purpose_name(checked_purposes[i])) == 0)
            return checked_purposes[i];
    return KEY_PURPOSES;
}

/* The row of store_key on which `stmt` stands. */
static int check_recorded(const struct store *store, struct stmt *stmt, struct err *err)
{
    unsigned char found[PSEUDONYM_BYTES];
    size_t length;
    const char *name = stmt_text(stmt, 0, NULL);
    uint32_t epoch = (uint32_t)stmt_integer(stmt, 1);
    const void *recorded = stmt_blob(stmt, 2, &length);
    enum key_purpose purpose = purpose_of(name);
    const unsigned char *key = purpose == KEY_PURPOSES ? NULL : keyring_key(store->keyring, purpose, epoch);
    if (!key)
        return err_set(err, ERR_PERMISSION, "the key '%s.%u', with which the store was made, is gone; restore it", name,
                       (unsigned)epoch);
    key_fingerprint(key, found);
    if (length != sizeof found || memcmp(found, recorded, sizeof found) != 0)
        return err_set(err, ERR_PERMISSION, "the key '%s.%u' is not the one with which the store was made", name,
                       (unsigned)epoch);
    return 0;
}

static int check_keys(const struct store *store, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, "recorded_keys", &stmt, err);
    if (code)
        return code;
    while ((code = stmt_step(stmt, err)) > 0)
        if ((code = check_recorded(store, stmt, err)))
            break;
    stmt_free(stmt);
    return code;
}

static int record_key(struct stmt *stmt, enum key_purpose purpose, uint32_t epoch, const unsigned char *key,
                      struct err *err)
{
    unsigned char print[PSEUDONYM_BYTES];
    const char *name = key_purpose_name(purpose);
    key_fingerprint(key, print);
    stmt_bind_string(stmt, ":purpose", name);
    stmt_bind_integer(stmt, ":epoch", epoch);
    stmt_bind_blob(stmt, ":fingerprint", print, sizeof print);
    return stmt_run(stmt, err);
}

static int record_keys(const struct store *store, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, "record_key", &stmt, err);
    if (code)
        return code;
    code = record_key(stmt, KEY_ANALYTICS, store->epoch, store->analytics, err);
    if (!code)
        code = record_key(stmt, KEY_OBJECTION, 1, store->objection, err);
    if (!code)
        code = record_key(stmt, KEY_CASES, 1, store->cases, err);
    stmt_free(stmt);
    return code;
}

static int find_keys(struct store *store, struct err *err)
{
    store->epoch = keyring_epoch(store->keyring, KEY_ANALYTICS);
    store->analytics = keyring_key(store->keyring, KEY_ANALYTICS, store->epoch);
    store->objection = keyring_key(store->keyring, KEY_OBJECTION, 1);
    store->cases = keyring_key(store->keyring, KEY_CASES, 1);
    if (!store->analytics || !store->objection || !store->cases)
        return err_set(err, ERR_PERMISSION, "a key is missing: see 'fallzahl key status'");
    return 0;
}

int store_open(struct store *store, const char *path, const struct keyring *keyring, struct err *err)
{
    struct store opened = { .keyring = keyring };
    int code = db_open(&opened.db, path, "cases", DB_CREATE, err);
    if (!code)
        code = check_keys(&opened, err);
    if (!code)
        code = find_keys(&opened, err);
    if (!code)
        code = record_keys(&opened, err);
    if (code)
        store_close(&opened);
    else
        *store = opened;
    return code;
}

void store_close(struct store *store)
{
    db_close(store->db);
    *store = (struct store){ 0 };
}

int store_load_counters(const struct store *store, struct store_counters *counters, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, "counters", &stmt, err);
    if (code)
        return code;
    while ((code = stmt_step(stmt, err)) > 0)
        for (int i = 0; i < STORE_COUNTERS; i++)
            if (strcmp(stmt_text(stmt, 0, NULL), counter_names[i]) == 0)
                counters->last[i] = stmt_integer(stmt, 1);
    stmt_free(stmt);
    return code;
}

int store_save_counters(const struct store *store, const struct store_counters *counters, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, "save_counter", &stmt, err);
    if (code)
        return code;
    for (int i = 0; i < STORE_COUNTERS && !code; i++) {
        stmt_bind_string(stmt, ":name", counter_names[i]);
        stmt_bind_integer(stmt, ":last", counters->last[i]);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    return code;
}
