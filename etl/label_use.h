/* How many cases carry each label (table dimension_use). A label may be all that is left of somebody, so it goes in the
 * act in which the last case goes that has it, and none is stored that no case has. What the configuration names, stays.
 *
 * Whoever adds, changes or removes a case tells what codes it gained and lost; label_use_flush() writes that, and before the
 * commit label_use_settle() deletes what nobody has any more. Costs what was touched, not what is stored. Within a transaction of the
 * caller; after a rollback it is opened anew. */
#ifndef ETL_LABEL_USE_H
#define ETL_LABEL_USE_H

#include "etl/case_table.h"

struct label_use;

int label_use_open(struct label_use **use, const struct store *store, struct err *err);
void label_use_free(struct label_use *use); /* NULL is fine */

/* A case gained (1) or lost (-1) the code; 0 is no code. */
void label_use_change(struct label_use *use, int64_t code, int64_t cases);
/* Run a statement whose rows are "id{codes}" (case_table_prepare) of cases that lose, or gain, these codes; tell how many cases. */
int label_use_lose(struct label_use *use, const struct case_table *table, struct stmt *stmt, uint64_t *cases, struct err *err);
int label_use_gain(struct label_use *use, const struct case_table *table, struct stmt *stmt, uint64_t *cases, struct err *err);

int label_use_flush(struct label_use *use, struct err *err);

/* All changes are flushed: deletes the labels that no case has, and what is above them if nothing else is below it; counts
 * them. */
int label_use_settle(const struct store *store, uint64_t *labels, struct err *err);

/* Counts the cases of dimensions that were stored before there were counts: once, by one pass each. */
int label_use_count(const struct store *store, const struct case_table *table, struct err *err);

#endif
