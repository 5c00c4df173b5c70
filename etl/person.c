#include "etl/person.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/mask.h"

static const char queries[] = "etl/sql/person.sql";

static int bind_name(const struct store *store, const char *query, const char *name, struct stmt **stmt, struct err *err)
{
    int code = db_prepare(store->db, queries, query, stmt, err);
    if (!code)
        stmt_bind_text(*stmt, ":name", name, strlen(name));
    return code;
}

static int find_kind(const struct store *store, const char *name, int64_t *kind, struct err *err)
{
    struct stmt *stmt;
    int code = bind_name(store, "add_kind", name, &stmt, err);
    if (code)
        return code;
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    if (!code)
        code = bind_name(store, "find_kind", name, &stmt, err);
    if (code)
        return code;
    int step = stmt_step(stmt, err);
    if (step > 0)
        *kind = stmt_integer(stmt, 0);
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

/* Looks under the keys of all live epochs, newest first. */
static int find_pseudonym(const struct store *store, const struct person_key *key, struct stmt *stmt,
                          struct person_found *found, struct err *err)
{
    uint32_t epochs[PSEUDONYM_MAX_EPOCHS];
    size_t count = keyring_epochs(store->keyring, KEY_ANALYTICS, epochs);
    int step = 0;
    while (count-- > 0 && step == 0) {
        unsigned char pseudonym[PSEUDONYM_BYTES];
        pseudonym_derive(keyring_key(store->keyring, KEY_ANALYTICS, epochs[count]), key->kind, key->text, pseudonym);
        stmt_bind_blob(stmt, ":pseudonym", pseudonym, sizeof pseudonym);
        step = stmt_step(stmt, err);
        if (step > 0) {
            found->person = stmt_integer(stmt, 0);
            found->set_aside = stmt_integer(stmt, 1) != 0;
        }
        stmt_reset(stmt);
    }
    return step < 0 ? step : 0;
}

void person_hashes_add(struct person_hashes *hashes, const unsigned char hash[PSEUDONYM_BYTES])
{
    for (size_t i = 0; i < hashes->count; i++)
        if (memcmp(hashes->list[i], hash, PSEUDONYM_BYTES) == 0)
            return;
    MEM_GROW(hashes->list, hashes->count, hashes->capacity);
    memcpy(hashes->list[hashes->count++], hash, PSEUDONYM_BYTES);
}

void person_hashes_release(struct person_hashes *hashes)
{
    free(hashes->list);
    *hashes = (struct person_hashes){ 0 };
}

int person_find(const struct store *store, const struct person_key *key, struct person_found *found, struct err *err)
{
    struct person_found made = { 0 };
    struct stmt *stmt;
    objection_hash(store->objection, key->kind, key->text, made.hash);
    int code = find_kind(store, key->kind, &made.kind, err);
    if (!code)
        code = db_prepare(store->db, queries, "find", &stmt, err);
    if (code)
        return code;
    code = find_pseudonym(store, key, stmt, &made, err);
    stmt_free(stmt);
    if (!code)
        *found = made;
    return code;
}

static int read_identifier(const struct store *store, struct stmt *stmt, struct person_identifier *out, struct err *err)
{
    *out = (struct person_identifier){ .number = stmt_integer(stmt, 0), .kind = stmt_integer(stmt, 1),
                                       .epoch = (uint32_t)stmt_integer(stmt, 2) };
    const unsigned char *key = keyring_key(store->keyring, KEY_ANALYTICS, out->epoch);
    if (!key)
        return err_set(err, ERR_PERMISSION, "the key 'analytics.%u' is gone", (unsigned)out->epoch);
    memcpy(out->pseudonym, stmt_blob(stmt, 3, NULL), sizeof out->pseudonym);
    objection_mask(key, out->pseudonym, stmt_blob(stmt, 4, NULL), out->hash);
    return 0;
}

int person_identifiers_read(const struct store *store, int64_t person, struct person_identifiers *identifiers,
                            struct err *err)
{
    struct stmt *stmt;
    int step, code = db_prepare(store->db, queries, "identifiers", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":person", person);
    while (!code && (step = stmt_step(stmt, err)) != 0) {
        MEM_GROW(identifiers->list, identifiers->count, identifiers->capacity);
        code = step < 0 ? step : read_identifier(store, stmt, &identifiers->list[identifiers->count], err);
        identifiers->count += !code;
    }
    stmt_free(stmt);
    return code;
}

void person_identifiers_release(struct person_identifiers *identifiers)
{
    free(identifiers->list);
    *identifiers = (struct person_identifiers){ 0 };
}

static int read_table(const struct store *store, const struct case_table *table, int64_t person,
                      struct person_cases *cases, struct err *err)
{
    struct stmt *stmt;
    int step, code = case_table_prepare(store, table,
                                        "SELECT id, closed_day, held, case_key FROM {table}"
                                        " WHERE id BETWEEN :first AND :last ORDER BY id",
                                        &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":first", store_first_id(person));
    stmt_bind_integer(stmt, ":last", store_first_id(person) + STORE_MAX_CASES);
    while ((step = stmt_step(stmt, err)) > 0) {
        MEM_GROW(cases->list, cases->count, cases->capacity);
        struct person_case *out = &cases->list[cases->count++];
        *out = (struct person_case){ .table = table, .id = stmt_integer(stmt, 0),
                                     .closed_day = (int32_t)stmt_integer(stmt, 1), .held = stmt_integer(stmt, 2) != 0 };
        memcpy(out->key, stmt_blob(stmt, 3, NULL), sizeof out->key);
    }
    stmt_free(stmt);
    return step;
}

int person_cases_read(const struct store *store, const struct case_tables *tables, int64_t person,
                      struct person_cases *cases, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < tables->count && !code; i++)
        code = read_table(store, &tables->list[i], person, cases, err);
    return code;
}

void person_cases_release(struct person_cases *cases)
{
    free(cases->list);
    *cases = (struct person_cases){ 0 };
}
