/* Tables that readers have and the ledger has not: published before Fallzahl or beside it, or by releases that a restored backup
 * forgot. Their figures become known equations: what comes later of the same cases is protected against them.
 *
 * The files are CSV as this program writes it: columns of configured dimensions, the first a period, then `cases`, then per
 * configured measure <measure>_n, its figures and <measure>_status. */
#ifndef STATS_HISTORY_H
#define STATS_HISTORY_H

#include "core/config.h"
#include "stats/ledger.h"
#include "stats/publication.h"

struct history {
    const struct publication *publication; /* ledger, tables and configuration */
    const char *source; /* whose cases the tables count; NULL: as the configuration or the ledger says, or the only one */
    bool is_release;    /* a release of this workspace: it is shown again, and its base periods are frozen */
    size_t tables, periods; /* out: that were new to the ledger */
};

/* Between ledger_begin() and ledger_stage(). `name`: the table's. ERR_NOINPUT, ERR_DATA with file and line. A period that the ledger has
 * of that table is passed over. */
int history_import_table(struct history *history, const char *path, const char *name, struct err *err);

#endif
