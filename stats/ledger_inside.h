/* What the ledger's own files share. */
#ifndef STATS_LEDGER_INSIDE_H
#define STATS_LEDGER_INSIDE_H

#include "core/db.h"
#include "stats/ledger.h"

#define QUERIES "stats/sql/ledger.sql"

struct ledger {
    struct db *db;
    struct stmt *add_row; /* the one statement of a hot loop */
    int64_t release;      /* being staged; 0: none */
};

#endif
