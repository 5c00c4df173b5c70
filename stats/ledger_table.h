/* Released tables as the ledger keeps them: columns and rows as JSON, and back into a release. What is read back is what
 * was published, to the last digit. */
#ifndef STATS_LEDGER_TABLE_H
#define STATS_LEDGER_TABLE_H

#include "core/strbuf.h"
#include "stats/ledger.h"
#include "stats/release.h"

/* Replaces `json` by the columns of the table, or by the cells of one of its rows. */
void ledger_table_columns(const struct released_table *table, struct strbuf *json);
void ledger_table_cells(const struct released_table *table, size_t row, struct strbuf *json);

/* The columns of a version, as kept. */
struct ledger_columns {
    struct json_t *json; /* the texts of the list */
    struct released_column *list;
    size_t count;
};
/* ERR_DATA if they cannot be read. Released by the caller, zeroed on failure. */
int ledger_columns_read(struct ledger_columns *columns, const struct ledger_version *version, struct err *err);
void ledger_columns_release(struct ledger_columns *columns);
/* The values of a row of `columns->count` cells; false if they do not fit the columns. Texts live as long as `cells`. */
bool ledger_cells_read(const struct ledger_columns *columns, const struct json_t *cells, struct released_value *values);

/* Adds the rows of the version that release `id` shows to the release, as a table below `folder` under `name`; nothing if
 * there are none. ERR_DATA if the ledger holds what it cannot hold. */
int ledger_table_add(struct release *release, struct ledger *ledger, const struct ledger_version *version, int64_t id,
                     const char *name, struct err *err);

#endif
