/* A virtual table that exists without being created ("eponymous"): https://www.sqlite.org/vtab.html */
#include "core/db_rows.h"

#include <stdlib.h>

#include "core/db_internal.h"
#include "core/mem.h"
#include "core/strbuf.h"

enum { ROWS_AT_ONCE = 64 };

struct rows_table {
    sqlite3_vtab base; /* first, as SQLite wants it */
    const struct db *db;
};

struct rows_cursor {
    sqlite3_vtab_cursor base;
    const struct db_rows *rows;
    size_t row;
};

static int connect(sqlite3 *handle, void *context, int count, const char *const *arguments, sqlite3_vtab **made,
                   char **message)
{
    struct strbuf columns = { 0 };
    (void)count, (void)arguments, (void)message;
    strbuf_adds(&columns, "CREATE TABLE rows (c0");
    for (int i = 1; i < DB_ROWS_COLUMNS; i++)
        strbuf_addf(&columns, ", c%d", i);
    strbuf_addc(&columns, ')');
    int result = sqlite3_declare_vtab(handle, columns.text);
    strbuf_release(&columns);
    if (result != SQLITE_OK)
        return result;
    sqlite3_vtab_config(handle, SQLITE_VTAB_DIRECTONLY); /* not from a schema */
    struct rows_table *table = mem_zalloc(1, sizeof *table);
    table->db = context;
    *made = &table->base;
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *table)
{
    free(table);
    return SQLITE_OK;
}

static int plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 1e6;
    info->estimatedRows = 65536;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **made)
{
    struct rows_cursor *cursor = mem_zalloc(1, sizeof *cursor);
    (void)table;
    *made = &cursor->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    free(cursor);
    return SQLITE_OK;
}

static struct rows_cursor *cursor_of(sqlite3_vtab_cursor *base)
{
    return (struct rows_cursor *)base;
}

static int first_row(sqlite3_vtab_cursor *base, int number, const char *text, int count, sqlite3_value **values)
{
    struct rows_cursor *cursor = cursor_of(base);
    (void)number, (void)text, (void)count, (void)values;
    cursor->rows = ((struct rows_table *)base->pVtab)->db->rows;
    cursor->row = 0;
    return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *base)
{
    cursor_of(base)->row++;
    return SQLITE_OK;
}

static int is_at_end(sqlite3_vtab_cursor *base)
{
    const struct rows_cursor *cursor = cursor_of(base);
    return !cursor->rows || cursor->row >= cursor->rows->count;
}

static int read_cell(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct rows_cursor *cursor = cursor_of(base);
    struct db_cell cell = { 0 };
    cursor->rows->cell(cursor->rows->context, cursor->row, column, &cell);
    if (cell.type == DB_CELL_INTEGER)
        sqlite3_result_int64(context, cell.integer);
    else if (cell.type == DB_CELL_BLOB)
        sqlite3_result_blob64(context, cell.data, cell.length, SQLITE_STATIC);
    return SQLITE_OK;
}

static int row_number(sqlite3_vtab_cursor *base, sqlite3_int64 *number)
{
    *number = (sqlite3_int64)cursor_of(base)->row;
    return SQLITE_OK;
}

static const sqlite3_module rows_module = {
    .xConnect = connect, /* and no xCreate: the table is always there */
    .xBestIndex = plan,
    .xDisconnect = disconnect,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = first_row,
    .xNext = next_row,
    .xEof = is_at_end,
    .xColumn = read_cell,
    .xRowid = row_number,
};

void db_rows_register(struct db *db)
{
    if (sqlite3_create_module_v2(db->handle, "rows", &rows_module, db, NULL) != SQLITE_OK)
        BUG("sqlite3_create_module_v2");
}

void db_set_rows(struct db *db, const struct db_rows *rows)
{
    db->rows = rows;
}

struct part {
    const struct db_rows *rows;
    size_t first;
};

static void part_cell(const void *context, size_t row, int column, struct db_cell *cell)
{
    const struct part *part = context;
    part->rows->cell(part->rows->context, part->first + row, column, cell);
}

int db_run_over(struct db *db, const struct db_rows *rows, struct stmt *stmt, int64_t *changed, struct err *err)
{
    int64_t before = sqlite3_total_changes64(db->handle);
    struct part part = { rows, 0 };
    int code = 0;
    for (; part.first < rows->count && !code; part.first += ROWS_AT_ONCE) {
        size_t left = rows->count - part.first;
        const struct db_rows some = { left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE, &part, part_cell };
        db_set_rows(db, &some);
        code = stmt_run(stmt, err);
    }
    db_set_rows(db, NULL);
    if (changed)
        *changed = sqlite3_total_changes64(db->handle) - before;
    return code;
}
