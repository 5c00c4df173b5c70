/* What db.c and stmt.c share; nobody else includes it. */
#ifndef CORE_DB_INTERNAL_H
#define CORE_DB_INTERNAL_H

#include <sqlite3.h>

#include "core/db.h"
#include "core/db_rows.h"

struct db {
    sqlite3 *handle;
    char *path; /* for messages */
    bool rehearses; /* all within one transaction that is rolled back; those of callers are savepoints in it */
    const struct db_rows *rows;
    unsigned char *touched; /* bit per page: changed since it was wiped (db_wipe.c) */
    size_t touched_bytes;
    struct stmt *idle; /* named queries that nobody uses now: preparing costs more than running them */
    size_t idle_count;
};

void stmt_drop_idle(struct db *db);

/* Automatic checkpoints that know which pages they concern. */
void db_watch_log(struct db *db);

/* Makes the table `rows` known (core/db_rows.h). */
void db_rows_register(struct db *db);

/* Fills `err` from the connection's last error and returns its code. Out of memory ends the run. */
int db_error(struct db *db, int result, struct err *err);

#endif
