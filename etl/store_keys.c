#include "etl/store_keys.h"

#include <stdio.h>
#include <string.h>

static const char queries[] = "etl/sql/store.sql";

static enum key_purpose purpose_of(const char *name)
{
    int purpose = 0;
    while (purpose < KEY_PURPOSES && strcmp(name, key_purpose_name((enum key_purpose)purpose)) != 0)
        purpose++;
    return (enum key_purpose)purpose;
}

static int read_key(struct stmt *stmt, const struct keyring *keyring, struct store_key *key, struct err *err)
{
    unsigned char found[PSEUDONYM_BYTES];
    size_t length;
    const char *name = stmt_text(stmt, 0, NULL);
    const void *recorded = stmt_blob(stmt, 2, &length);
    *key = (struct store_key){ .purpose = purpose_of(name), .epoch = (uint32_t)stmt_integer(stmt, 1) };
    if (key->purpose == KEY_PURPOSES)
        return err_set(err, ERR_PERMISSION, "the store was made with a key for '%s', which this version does not know", name);
    const unsigned char *bytes = keyring_key(keyring, key->purpose, key->epoch);
    key->is_there = bytes != NULL;
    key->is_damaged = keyring_is_damaged(keyring, key->purpose, key->epoch);
    if (!bytes)
        return 0;
    key_fingerprint(bytes, found);
    key->is_same = length == sizeof found && memcmp(found, recorded, sizeof found) == 0;
    return 0;
}

int store_keys_each(struct db *cases, const struct keyring *keyring, void (*visit)(void *context, const struct store_key *key),
                    void *context, struct err *err)
{
    struct stmt *stmt;
    int step, code = db_prepare(cases, queries, "recorded_keys", &stmt, err);
    if (code)
        return code;
    while (!code && (step = stmt_step(stmt, err)) != 0) {
        struct store_key key;
        code = step < 0 ? step : read_key(stmt, keyring, &key, err);
        if (!code)
            visit(context, &key);
    }
    stmt_free(stmt);
    return code;
}

void store_key_describe(const struct store_key *key, char *out, size_t size)
{
    if (key->is_there)
        snprintf(out, size, "the key '%s.%u' is not the one with which the store was made", key_purpose_name(key->purpose),
                 (unsigned)key->epoch);
    else
        snprintf(out, size, "the key '%s.%u', with which the store was made, is %s; restore it", key_purpose_name(key->purpose),
                 (unsigned)key->epoch, key->is_damaged ? "damaged" : "gone");
}

static int record_key(struct stmt *stmt, const struct keyring *keyring, enum key_purpose purpose, struct err *err)
{
    unsigned char print[PSEUDONYM_BYTES];
    uint32_t epoch = keyring_epoch(keyring, purpose);
    if (!epoch)
        return 0;
    key_fingerprint(keyring_key(keyring, purpose, epoch), print);
    stmt_bind_string(stmt, ":purpose", key_purpose_name(purpose));
    stmt_bind_integer(stmt, ":epoch", epoch);
    stmt_bind_blob(stmt, ":fingerprint", print, sizeof print);
    return stmt_run(stmt, err);
}

int store_keys_record(struct db *cases, const struct keyring *keyring, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(cases, queries, "record_key", &stmt, err);
    if (code)
        return code;
    for (int purpose = 0; purpose < KEY_PURPOSES && !code; purpose++)
        code = record_key(stmt, keyring, (enum key_purpose)purpose, err);
    stmt_free(stmt);
    return code;
}

/* The first that is wrong of some purposes. */
struct search {
    enum key_purpose from, end;
    struct store_key wrong;
    bool found;
};

static void find_wrong(void *context, const struct store_key *key)
{
    struct search *search = context;
    if (!search->found && !key->is_same && key->purpose >= search->from && key->purpose < search->end) {
        search->found = true;
        search->wrong = *key;
    }
}

int store_keys_require(struct db *cases, const struct keyring *keyring, enum key_purpose purposes, struct err *err)
{
    struct search search = { .end = purposes };
    char what[160];
    int code = store_keys_each(cases, keyring, find_wrong, &search, err);
    if (code)
        return code;
    if (search.found) {
        store_key_describe(&search.wrong, what, sizeof what);
        return err_set(err, ERR_PERMISSION, "%s ('fallzahl key status' says what that means)", what);
    }
    for (int purpose = 0; purpose < (int)purposes; purpose++)
        if (!keyring_epoch(keyring, (enum key_purpose)purpose))
            return err_set(err, ERR_PERMISSION, "a key is missing: see 'fallzahl key status'");
    return 0;
}

int store_keys_usable(struct db *cases, const struct keyring *keyring, enum key_purpose purpose, bool *usable, struct err *err)
{
    struct search search = { .from = purpose, .end = purpose + 1 };
    int code = store_keys_each(cases, keyring, find_wrong, &search, err);
    *usable = !search.found && keyring_epoch(keyring, purpose);
    return code;
}

int store_keys_forget(struct db *cases, enum key_purpose purpose, uint32_t epoch, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(cases, queries, "forget_key", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":purpose", key_purpose_name(purpose));
    stmt_bind_integer(stmt, ":epoch", epoch);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}
