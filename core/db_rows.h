/* Rows in memory as a table that SQL can read: `rows(c0, c1, …)`. One statement over a batch costs a fraction of one statement
 * a row, and its cursors stay where they are: give rows in the order of the table that they are joined with or written
 * to, and name `rows` first with CROSS JOIN.
 *
 * The rows belong to the caller and must live until the statement is done. A connection has one such table at a time. */
#ifndef CORE_DB_ROWS_H
#define CORE_DB_ROWS_H

#include "core/db.h"

enum { DB_ROWS_COLUMNS = 256 };

enum db_cell_type { DB_CELL_NULL, DB_CELL_INTEGER, DB_CELL_BLOB };
struct db_cell {
    enum db_cell_type type;
    int64_t integer;
    const void *data; /* must live as long as the rows */
    size_t length;
};

struct db_rows {
    size_t count;
    const void *context;
    /* Fills the cell, which is NULL when handed over. */
    void (*cell)(const void *context, size_t row, int column, struct db_cell *cell);
};

/* What `rows` shows from now on; NULL: nothing. */
void db_set_rows(struct db *db, const struct db_rows *rows);

/* Runs a statement that writes over the rows, some at a time, and tells how many rows of the database it changed
 * (NULL: not asked). A statement that may fail half-way keeps, in memory, what each page that it changes was before: so that is
 * bounded. One that says OR FAIL or OR IGNORE keeps nothing, which is faster: of a failure the caller undoes more anyway. */
int db_run_over(struct db *db, const struct db_rows *rows, struct stmt *stmt, int64_t *changed, struct err *err);

static inline void db_cell_integer(struct db_cell *cell, int64_t value)
{
    cell->type = DB_CELL_INTEGER;
    cell->integer = value;
}

static inline void db_cell_blob(struct db_cell *cell, const void *data, size_t length)
{
    cell->type = DB_CELL_BLOB;
    cell->data = data;
    cell->length = length;
}

#endif
