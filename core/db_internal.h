/* What db.c and stmt.c share; nobody else includes it. */
#ifndef CORE_DB_INTERNAL_H
#define CORE_DB_INTERNAL_H

#include <sqlite3.h>

#include "core/db.h"

struct db {
    sqlite3 *handle;
    char *path; /* for messages */
};

/* Fills `err` from the connection's last error and returns its code. Out of memory ends the run. */
int db_error(struct db *db, int result, struct err *err);

#endif
