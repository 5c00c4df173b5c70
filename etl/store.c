#include "etl/store.h"

#include <string.h>

#include "etl/store_keys.h"

static const char queries[] = "etl/sql/store.sql";
static const char *const counter_names[STORE_COUNTERS] = { "person", "identifier", "code" };

static void find_keys(struct store *store)
{
    store->epoch = keyring_epoch(store->keyring, KEY_ANALYTICS);
    store->analytics = keyring_key(store->keyring, KEY_ANALYTICS, store->epoch);
    store->objection = keyring_key(store->keyring, KEY_OBJECTION, 1);
    store->cases = keyring_key(store->keyring, KEY_CASES, 1);
}

int store_open(struct store *store, const char *path, const struct keyring *keyring, struct err *err)
{
    struct store opened = { .keyring = keyring };
    int code = db_open(&opened.db, path, "cases", DB_CREATE, err);
    if (!code)
        code = store_keys_require(opened.db, keyring, KEY_CONTACT, err);
    if (!code)
        code = store_keys_record(opened.db, keyring, err);
    find_keys(&opened);
    if (!code && (!opened.objection || !opened.cases)) /* those never rotate */
        code = err_set(err, ERR_PERMISSION, "a key is missing: see 'fallzahl key status'");
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
