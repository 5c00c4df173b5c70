/* The table case_<source> and the rows that describe it (source, dimension, measure, identifier_kind), brought in line with
 * the configuration. core/sql/cases/001_init.sql says what they hold. */
#ifndef ETL_CASE_TABLE_H
#define ETL_CASE_TABLE_H

#include <stdint.h>

#include "core/strbuf.h"
#include "etl/source.h"
#include "etl/store.h"

struct case_table {
    const struct source *source;   /* NULL: no longer configured, its cases are still there */
    int64_t number;                /* source.source */
    char *name;                    /* "case_<source>" */
    int64_t *dimensions;           /* per source->dimensions: dimension.dimension */
    int64_t *kinds;                /* per source->identifiers: identifier_kind.kind */
    char **identifier_columns;     /* all i_ columns of the table, in its order */
    size_t identifier_column_count;
    char **code_columns;           /* all d_ columns, likewise */
    size_t code_column_count;
};

struct case_tables {
    struct case_table *list;       /* by number */
    size_t count;
};

/* Brings the store in line with the configuration, in a transaction of its own, and loads what is there. A new column
 * is NULL in the cases that are there; the column of what left the configuration is dropped; a changed mapping is a new
 * version of its dimension. ERR_CONFIG for a measure that changes its unit or decimals under stored values. */
int case_tables_sync(struct case_tables *tables, const struct store *store, const struct sources *sources,
                     struct err *err);
void case_tables_release(struct case_tables *tables); /* a zeroed one is fine */

/* The table of a configured source. */
const struct case_table *case_tables_find(const struct case_tables *tables, const struct source *source);

/* Does the dimension have a column (periods have none)? */
bool case_table_has_column(const struct source_dimension *dimension);

/* "email", "phone" or "id:<name>": what identifiers of different sources have in common when they are one kind. */
void case_table_kind_name(const struct source_identifier *identifier, struct strbuf *out);

/* Prepares SQL in which "{table}" stands for the table's name, and "{codes}" for a comma and the name of each column with codes
 * of labels. */
int case_table_prepare(const struct store *store, const struct case_table *table, const char *text,
                       struct stmt **stmt, struct err *err);

#endif
