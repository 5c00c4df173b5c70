#include "etl/snapshot.h"

#include <inttypes.h>

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
    stmt_bind_integer(stmt, ":file", snapshot->file);
    stmt_bind_integer(stmt, ":from", snapshot->from);
    stmt_bind_integer(stmt, ":to", snapshot->to);
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
    stmt_bind_integer(stmt, ":file", snapshot->file);
    stmt_bind_integer(stmt, ":from", snapshot->from);
    stmt_bind_integer(stmt, ":to", snapshot->to);
    stmt_bind_integer(stmt, ":expires", snapshot->tombstone_day);
    uint64_t cases;
    code = label_use_lose(snapshot->labels, table, stmt, &cases, err); /* only the last has rows */
    stmt_free(stmt);
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
                             const struct snapshot *snapshot, uint64_t *vanished, struct err *err)
{
    uint64_t counts[2] = { 0 };
    int code = count_window(store, table, snapshot, counts, err);
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
