#include "etl/key_epochs.h"

static const char queries[] = "etl/sql/key_epochs.sql";

int key_epoch_number(struct db *db, const char *query, uint32_t epoch, int64_t *number, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(db, queries, query, &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":epoch", epoch);
    int step = stmt_step(stmt, err);
    if (step > 0)
        *number = stmt_integer(stmt, 0);
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

int key_epoch_is_spent(struct db *cases, const struct keyring *keyring, uint32_t epoch, bool *spent, struct err *err)
{
    int64_t used = 1;
    const bool may_be = keyring_is_credential(keyring, KEY_ANALYTICS, epoch) && epoch < keyring_epoch(keyring, KEY_ANALYTICS);
    int code = may_be ? key_epoch_number(cases, "is_used", epoch, &used, err) : 0;
    *spent = !code && !used;
    return code;
}

/* The store gives the key up before it goes, or a run killed in between would miss it. */
static int forget(const struct store *store, uint32_t epoch, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, "forget", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":epoch", epoch);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code ? code : db_checkpoint(store->db, err);
}

static int retire(const struct key_retirement *retirement, uint32_t epoch, struct key_epochs *epochs, struct err *err)
{
    const struct store *store = retirement->store;
    int64_t used = 1;
    int code = key_epoch_end(retirement, epoch, &epochs->identifiers, err);
    if (!code)
        code = key_epoch_number(store->db, "is_used", epoch, &used, err);
    if (code || used)
        return code;
    code = forget(store, epoch, err);
    if (code)
        return code;
    if (keyring_is_credential(store->keyring, KEY_ANALYTICS, epoch)) {
        epochs->spent[epochs->spent_count++] = epoch;
        return 0;
    }
    code = keyring_destroy(retirement->keys_folder, KEY_ANALYTICS, epoch, err);
    if (!code)
        epochs->destroyed++;
    return code;
}

int key_epochs_retire(const struct key_retirement *retirement, struct key_epochs *epochs, struct err *err)
{
    uint32_t live[PSEUDONYM_MAX_EPOCHS];
    size_t count = keyring_epochs(retirement->store->keyring, KEY_ANALYTICS, live);
    int code = keyring_finish_destroying(retirement->keys_folder, err);
    if (!code)
        code = key_epoch_note(retirement, err);
    for (size_t i = 0; i + 1 < count && !code; i++)
        code = retire(retirement, live[i], epochs, err);
    return code;
}

int key_epoch_give_up(struct db *surveys, enum key_purpose purpose, uint32_t epoch, int64_t *rows, struct err *err)
{
    static const struct {
        enum key_purpose purpose;
        const char *query;
    } acts[] = {
        { KEY_CONTACT, "give_up_contact_sendings" },
        { KEY_CONTACT, "give_up_contact_confirmations" },
        { KEY_CONTACT, "give_up_contacts" },
        { KEY_TOKEN, "give_up_sendings" },
        { KEY_TOKEN, "give_up_confirmations" },
        { KEY_TOKEN, "give_up_invitations" },
    };
    int code = 0;
    for (size_t i = 0; i < sizeof acts / sizeof *acts && !code; i++) {
        struct stmt *stmt;
        if (acts[i].purpose != purpose)
            continue;
        code = db_prepare(surveys, queries, acts[i].query, &stmt, err);
        if (code)
            return code;
        stmt_bind_integer(stmt, ":epoch", epoch);
        code = stmt_run(stmt, err);
        *rows += db_changes(surveys);
        stmt_free(stmt);
    }
    return code;
}
