#include "etl/snapshot.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/mem.h"

static void bind_window(struct stmt *stmt, const struct snapshot *snapshot)
{
    stmt_bind_integer(stmt, ":file", snapshot->file);
    stmt_bind_integer(stmt, ":from", snapshot->from);
    stmt_bind_integer(stmt, ":to", snapshot->to);
}

/* What of the window is there, and what of it the file does not hold. */
static int count_window(const struct store *store, const struct case_table *table, const struct snapshot *snapshot,
                        uint64_t counts[2], struct err *err)
{
    struct stmt *stmt;
    int code = case_table_prepare(store, table,
                                  "SELECT count(*), count(*) FILTER (WHERE file <> :file) FROM {table}"
                                  " WHERE closed_day BETWEEN :from AND :to",
                                  &stmt, err);
    if (code)
        return code;
    bind_window(stmt, snapshot);
    code = stmt_step(stmt, err);
    if (code > 0) {
        counts[0] = (uint64_t)stmt_integer(stmt, 0);
        counts[1] = (uint64_t)stmt_integer(stmt, 1);
        code = 0;
    }
    stmt_free(stmt);
    return code;
}

static int run(const struct store *store, const struct case_table *table, const struct snapshot *snapshot,
               const char *format, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_prepare(store, table, format, &stmt, err);
    if (code)
        return code;
    bind_window(stmt, snapshot);
    stmt_bind_integer(stmt, ":expires", snapshot->tombstone_day);
    uint64_t cases;
    code = label_use_lose(snapshot->labels, table, stmt, &cases, err); /* only the last has rows */
    stmt_free(stmt);
    return code;
}

struct cases {
    int64_t *list;
    size_t count, capacity;
};

/* Of what the file does not hold: those that a hold covers. They are few. */
static int find_held(const struct store *store, const struct case_table *table, const struct snapshot *snapshot,
                     struct cases *cases, struct err *err)
{
    struct stmt *stmt;
    int step = 0, code = case_table_prepare(store, table,
                                            "SELECT id, case_key, held FROM {table}"
                                            " WHERE closed_day BETWEEN :from AND :to AND file <> :file",
                                            &stmt, err);
    if (code)
        return code;
    bind_window(stmt, snapshot);
    while (!code && (step = stmt_step(stmt, err)) > 0) {
        bool held = stmt_integer(stmt, 2) != 0; /* what is marked goes by retention */
        int64_t id = stmt_integer(stmt, 0);
        if (!held)
            code = rights_is_held(snapshot->rights, stmt_blob(stmt, 1, NULL), id >> STORE_PERSON_SHIFT, &held, err);
        if (!held)
            continue;
        MEM_GROW(cases->list, cases->count, cases->capacity);
        cases->list[cases->count++] = id;
    }
    stmt_free(stmt);
    return code ? code : step;
}

/* As if the file held them, but marked. */
static int keep_held(const struct store *store, const struct case_table *table, const struct snapshot *snapshot,
                     uint64_t *held, struct err *err)
{
    struct cases cases = { 0 };
    struct stmt *stmt = NULL;
    int code = find_held(store, table, snapshot, &cases, err);
    if (!code)
        code = case_table_prepare(store, table, "UPDATE {table} SET held = 1, file = :file WHERE id = :id", &stmt, err);
    for (size_t i = 0; i < cases.count && !code; i++) {
        stmt_bind_integer(stmt, ":file", snapshot->file);
        stmt_bind_integer(stmt, ":id", cases.list[i]);
        code = stmt_run(stmt, err);
    }
    *held = cases.count;
    stmt_free(stmt);
    free(cases.list);
    return code;
}

/* The version stays: a later snapshot that holds the case again brings it back. */
static const char make_tombstones[] =
    "UPDATE case_key SET id = NULL, expires = :expires WHERE case_key IN"
    " (SELECT case_key FROM {table} WHERE closed_day BETWEEN :from AND :to AND file <> :file)";
static const char check_persons[] =
    "INSERT OR IGNORE INTO person_check (person) SELECT id >> 24 FROM {table}"
    " WHERE closed_day BETWEEN :from AND :to AND file <> :file AND id > 0 AND :expires IS NOT NULL";
static const char delete_cases[] =
    "DELETE FROM {table} WHERE closed_day BETWEEN :from AND :to AND file <> :file AND :expires IS NOT NULL RETURNING id{codes}";

int snapshot_remove_vanished(const struct store *store, const struct case_table *table,
                             const struct snapshot *snapshot, uint64_t *vanished, uint64_t *held, struct err *err)
{
    uint64_t counts[2] = { 0 };
    int code = keep_held(store, table, snapshot, held, err);
    if (!code)
        code = count_window(store, table, snapshot, counts, err);
    if (code)
        return code;
    uint64_t before = counts[0] > snapshot->added ? counts[0] - snapshot->added : 0;
    if ((double)counts[1] * 100 > table->source->max_loss_percent * (double)before)
        return err_set(err, ERR_DATA, "the snapshot lacks %" PRIu64 " of %" PRIu64 " cases that are stored for its days, "
                                      "more than max_loss_percent allows", counts[1], before);
    *vanished = counts[1];
    if (counts[1] == 0)
        return 0;
    code = run(store, table, snapshot, make_tombstones, err);
    if (!code)
        code = run(store, table, snapshot, check_persons, err);
    return code ? code : run(store, table, snapshot, delete_cases, err);
}
