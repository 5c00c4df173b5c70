#include "etl/label_use.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

static const char queries[] = "etl/sql/label_use.sql";

/* Codes are given in sequence: an array by code is small and fast. */
struct label_use {
    struct stmt *change;
    int64_t *cases;
    size_t size;
    bool changed;
};

int label_use_open(struct label_use **use, const struct store *store, struct err *err)
{
    struct label_use *opened = mem_zalloc(1, sizeof *opened);
    int code = db_prepare(store->db, queries, "change", &opened->change, err);
    if (code)
        label_use_free(opened);
    else
        *use = opened;
    return code;
}

void label_use_free(struct label_use *use)
{
    if (!use)
        return;
    stmt_free(use->change);
    free(use->cases);
    free(use);
}

static void grow(struct label_use *use, size_t code)
{
    size_t size = use->size ? use->size : 1024;
    while (size <= code)
        size *= 2;
    use->cases = mem_resize(use->cases, size, sizeof *use->cases);
    for (size_t i = use->size; i < size; i++)
        use->cases[i] = 0;
    use->size = size;
}

void label_use_change(struct label_use *use, int64_t code, int64_t cases)
{
    if (code <= 0)
        return;
    if ((size_t)code >= use->size)
        grow(use, (size_t)code);
    use->cases[code] += cases;
    use->changed = true;
}

static void change_row(struct label_use *use, const struct case_table *table, struct stmt *stmt, int64_t cases)
{
    for (size_t i = 0; i < table->code_column_count; i++)
        label_use_change(use, stmt_integer(stmt, (int)i + 1), cases); /* NULL reads as 0 */
}

int label_use_lose(struct label_use *use, const struct case_table *table, struct stmt *stmt, uint64_t *cases, struct err *err)
{
    int step;
    for (*cases = 0; (step = stmt_step(stmt, err)) > 0; (*cases)++)
        change_row(use, table, stmt, -1);
    stmt_reset(stmt);
    return step;
}

int label_use_gain(struct label_use *use, const struct case_table *table, struct stmt *stmt, uint64_t *cases, struct err *err)
{
    int step;
    for (*cases = 0; (step = stmt_step(stmt, err)) > 0; (*cases)++)
        change_row(use, table, stmt, 1);
    stmt_reset(stmt);
    return step;
}

int label_use_flush(struct label_use *use, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < use->size && use->changed && !code; i++) {
        if (!use->cases[i])
            continue;
        stmt_set_integer(use->change, 1, (int64_t)i);
        stmt_set_integer(use->change, 2, use->cases[i]);
        code = stmt_run(use->change, err);
        use->cases[i] = 0;
    }
    use->changed = false;
    return code;
}

static int run(const struct store *store, const char *query, int64_t *changes, struct err *err)
{
    int code = db_run(store->db, queries, query, err);
    *changes = db_changes(store->db);
    return code;
}

static int is_any_unused(const struct store *store, struct err *err)
{
    struct stmt *stmt;
    int step = db_prepare(store->db, queries, "any_unused", &stmt, err);
    if (step)
        return step;
    step = stmt_step(stmt, err);
    if (step > 0)
        step = stmt_integer(stmt, 0) != 0;
    stmt_free(stmt);
    return step;
}

int label_use_settle(const struct store *store, uint64_t *labels, struct err *err)
{
    int64_t gone = 1;
    int code = is_any_unused(store, err);
    if (code <= 0)
        return code;
    code = 0;
    while (gone && !code) { /* a level each time */
        code = run(store, "ask_parents", &gone, err);
        if (!code)
            code = run(store, "delete_unused", &gone, err);
        *labels += code ? 0 : (uint64_t)gone;
    }
    return code ? code : run(store, "forget_unused", &gone, err);
}

static int run_for(const struct store *store, const char *query, int64_t dimension, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, query, &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":dimension", dimension);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

/* Takes `sql` over. */
static int run_text(const struct store *store, const struct case_table *table, struct strbuf *sql, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_prepare(store, table, strbuf_text(sql), &stmt, err);
    strbuf_release(sql);
    if (code)
        return code;
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int count_column(const struct store *store, const struct case_table *table, const char *column, struct err *err)
{
    struct strbuf sql = { 0 };
    const char *name = db_identifier(column);
    strbuf_addf(&sql, "INSERT INTO dimension_use (code, cases) SELECT %s, count(*) FROM {table} WHERE %s IS NOT NULL GROUP BY 1"
                      " ON CONFLICT (code) DO UPDATE SET cases = cases + excluded.cases", name, name);
    return run_text(store, table, &sql, err);
}

/* A row of somebody who had refused recording was once written with 0 for no label. */
static int mend_column(const struct store *store, const struct case_table *table, const char *column, struct err *err)
{
    struct strbuf sql = { 0 };
    const char *name = db_identifier(column);
    strbuf_addf(&sql, "UPDATE {table} SET %s = NULL WHERE %s = 0", name, name);
    return run_text(store, table, &sql, err);
}

static const char *find_column(const struct case_table *table, const char *dimension)
{
    for (size_t i = 0; i < table->code_column_count; i++)
        if (strcmp(table->code_columns[i] + strlen("d_"), dimension) == 0)
            return table->code_columns[i];
    return NULL;
}

static int count_dimension(const struct store *store, const struct case_table *table, int64_t dimension,
                           const char *column, struct err *err)
{
    int code = run_for(store, "ask_all", dimension, err);
    if (!code && column)
        code = mend_column(store, table, column, err);
    if (!code && column)
        code = count_column(store, table, column, err);
    return code ? code : run_for(store, "set_counted", dimension, err);
}

int label_use_count(const struct store *store, const struct case_table *table, struct err *err)
{
    struct stmt *stmt;
    int step, code = db_prepare(store->db, queries, "uncounted", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":source", table->number);
    while (!code && (step = stmt_step(stmt, err)) != 0)
        code = step < 0 ? step
                        : count_dimension(store, table, stmt_integer(stmt, 0), find_column(table, stmt_text(stmt, 1, NULL)), err);
    stmt_free(stmt);
    return code;
}
