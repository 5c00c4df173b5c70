/* What an epoch of the analytics key leaves behind a year after it was followed by another (etl/key_epochs.h). */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/case_removal.h"
#include "etl/holds.h"
#include "etl/key_epochs.h"
#include "etl/mask.h"

enum { ROUND = 4096 }; /* identifiers looked at together */

static const char queries[] = "etl/sql/key_epochs.sql";

struct left {
    struct removed_identifier gone;
    int64_t person;
    unsigned char objection[PSEUDONYM_BYTES]; /* masked */
};

struct work {
    const struct key_retirement *retirement;
    const unsigned char *key;
    struct label_use *labels;
    struct case_removal *removal;
    struct holds *holds;
    struct stmt **carries; /* per table */
    struct stmt *of_epoch;
    struct left *list;
    size_t count;
};

int key_epoch_note(const struct key_retirement *retirement, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(retirement->store->db, queries, "note_followed", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":today", retirement->today);
    stmt_bind_integer(stmt, ":newest", retirement->store->epoch);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int prepare_carries(const struct store *store, const struct case_table *table, struct stmt **stmt, struct err *err)
{
    struct strbuf sql = { 0 };
    strbuf_adds(&sql, "SELECT 1 FROM {table} WHERE id BETWEEN :first AND :last AND :identifier IN (");
    for (size_t i = 0; i < table->identifier_column_count; i++)
        strbuf_addf(&sql, "%s%s", i ? ", " : "", db_identifier(table->identifier_columns[i]));
    strbuf_adds(&sql, ") LIMIT 1");
    int code = case_table_prepare(store, table, strbuf_text(&sql), stmt, err);
    strbuf_release(&sql);
    return code;
}

static int open_work(struct work *work, uint32_t epoch, struct err *err)
{
    const struct key_retirement *retirement = work->retirement;
    const struct case_tables *tables = retirement->tables;
    work->key = keyring_key(retirement->store->keyring, KEY_ANALYTICS, epoch);
    work->carries = mem_zalloc(tables->count, sizeof *work->carries);
    work->list = mem_zalloc(ROUND, sizeof *work->list);
    int code = label_use_open(&work->labels, retirement->store, err);
    if (!code)
        code = case_removal_open(&work->removal, retirement->store, tables, work->labels, err);
    if (!code)
        code = holds_open(&work->holds, retirement->store, err);
    if (!code)
        code = db_prepare(retirement->store->db, queries, "of_epoch", &work->of_epoch, err);
    for (size_t i = 0; i < tables->count && !code; i++)
        code = prepare_carries(retirement->store, &tables->list[i], &work->carries[i], err);
    return code;
}

static void close_work(struct work *work)
{
    for (size_t i = 0; i < work->retirement->tables->count; i++)
        stmt_free(work->carries[i]);
    stmt_free(work->of_epoch);
    holds_free(work->holds);
    case_removal_free(work->removal);
    label_use_free(work->labels);
    free(work->carries);
    free(work->list);
}

/* The next round by pseudonym. */
static int read_round(struct work *work, uint32_t epoch, const unsigned char after[PSEUDONYM_BYTES], struct err *err)
{
    int step;
    work->count = 0;
    stmt_bind_integer(work->of_epoch, ":epoch", epoch);
    stmt_bind_blob(work->of_epoch, ":after", after, PSEUDONYM_BYTES);
    stmt_bind_integer(work->of_epoch, ":round", ROUND);
    while ((step = stmt_step(work->of_epoch, err)) > 0) {
        struct left *left = &work->list[work->count++];
        memcpy(left->gone.pseudonym, stmt_blob(work->of_epoch, 0, NULL), PSEUDONYM_BYTES);
        left->gone.identifier = stmt_integer(work->of_epoch, 1);
        left->gone.kind = stmt_integer(work->of_epoch, 2);
        left->person = stmt_integer(work->of_epoch, 3);
        memcpy(left->objection, stmt_blob(work->of_epoch, 4, NULL), PSEUDONYM_BYTES);
    }
    return step;
}

static int is_carried(struct work *work, const struct left *left, bool *carried, struct err *err)
{
    int step = 0;
    for (size_t i = 0; i < work->retirement->tables->count && step == 0; i++) {
        struct stmt *stmt = work->carries[i];
        stmt_bind_integer(stmt, ":first", store_first_id(left->person));
        stmt_bind_integer(stmt, ":last", store_first_id(left->person) + STORE_MAX_CASES);
        stmt_bind_integer(stmt, ":identifier", left->gone.identifier);
        step = stmt_step(stmt, err);
        stmt_reset(stmt);
    }
    *carried = step > 0;
    return step < 0 ? step : 0;
}

/* Without it the person's later cases would lose the hold. */
static int is_named(struct work *work, const struct left *left, bool *named, struct err *err)
{
    unsigned char hash[PSEUDONYM_BYTES];
    objection_mask(work->key, left->gone.pseudonym, left->objection, hash);
    return holds_name(work->holds, hash, named, err);
}

static int end_one(struct work *work, const struct left *left, int64_t *identifiers, struct err *err)
{
    bool carried = true, named = true;
    int code = is_carried(work, left, &carried, err);
    if (!code && !carried)
        code = is_named(work, left, &named, err);
    if (code || carried || named)
        return code;
    ++*identifiers;
    return case_removal_identifier(work->removal, &left->gone, err);
}

static int end_all(struct work *work, uint32_t epoch, int64_t *identifiers, struct err *err)
{
    unsigned char after[PSEUDONYM_BYTES] = { 0 };
    int code;
    do {
        code = read_round(work, epoch, after, err);
        for (size_t i = 0; i < work->count && !code; i++)
            code = end_one(work, &work->list[i], identifiers, err);
        if (work->count)
            memcpy(after, work->list[work->count - 1].gone.pseudonym, sizeof after);
    } while (!code && work->count == ROUND);
    return code;
}

static int end_in_transaction(const struct key_retirement *retirement, uint32_t epoch, int64_t *identifiers, struct err *err)
{
    struct work work = { .retirement = retirement };
    struct db *db = retirement->store->db;
    int code = db_begin(db, err);
    if (!code)
        code = open_work(&work, epoch, err);
    if (!code)
        code = end_all(&work, epoch, identifiers, err);
    close_work(&work);
    if (!code)
        return db_commit(db, err);
    db_rollback(db);
    return code;
}

int key_epoch_end(const struct key_retirement *retirement, uint32_t epoch, int64_t *identifiers, struct err *err)
{
    int64_t followed = retirement->today;
    int code = key_epoch_number(retirement->store->db, "followed", epoch, &followed, err);
    return code || followed >= retirement->oldest_day ? code : end_in_transaction(retirement, epoch, identifiers, err);
}
