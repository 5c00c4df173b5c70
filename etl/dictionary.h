/* Codes for the labels of a source's dimensions (table dimension_value), held in memory while a file is read.
 *
 * The reader asks for codes, which are given out in memory: a row may turn out not to be stored. When it is done and the
 * rows are, dictionary_store() stores the values that a case has (etl/label_use.h). A dictionary whose file is rolled back is
 * thrown away. */
#ifndef ETL_DICTIONARY_H
#define ETL_DICTIONARY_H

#include "etl/case_row.h"
#include "etl/case_table.h"

struct dictionary;

/* Loads the values of all dimensions of the table. `counters` gives the codes; only the reader may use
 * its STORE_CODE until the dictionary is freed. */
int dictionary_open(struct dictionary **dictionary, const struct store *store, const struct case_table *table,
                    struct store_counters *counters, struct err *err);
void dictionary_free(struct dictionary *dictionary);

/* The code of the leaf for a value of the i-th dimension. Ids of categories are remembered, so a dictionary serves one
 * mapper. */
int64_t dictionary_code(struct dictionary *dictionary, size_t dimension, const struct case_category *category);

/* Stores what was asked for and is in use by now, and whether it is named. All uses are flushed. */
int dictionary_store(struct dictionary *dictionary, const struct store *store, struct err *err);

#endif
