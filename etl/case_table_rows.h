/* The describing rows of etl/case_table.h; only case_table.c includes it. */
#ifndef ETL_CASE_TABLE_ROWS_H
#define ETL_CASE_TABLE_ROWS_H

#include "etl/case_table.h"

int case_table_query(const struct store *store, const char *name, struct stmt **stmt, struct err *err);

int case_table_sync_sources(const struct store *store, const struct sources *sources, struct err *err);
/* Fill table->dimensions and table->kinds. */
int case_table_sync_dimensions(const struct store *store, struct case_table *table, struct err *err);
int case_table_sync_kinds(const struct store *store, struct case_table *table, struct err *err);
int case_table_sync_measures(const struct store *store, const struct case_table *table, struct err *err);

/* Sets the column of a dimension to NULL if the table has it. */
int case_table_blank_dimension(const struct store *store, const struct case_table *table, const char *name,
                               struct err *err);

#endif
