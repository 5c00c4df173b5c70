/* Codes for the labels of a source's dimensions (table dimension_value), held in memory while a file is read.
 *
 * Two threads share a dictionary in turn: the reader asks for codes, which are given out in memory; the writer stores
 * the values that dictionary_take() hands over, before the rows that use them. dictionary_store_days() is for when the
 * reader is done. A dictionary whose file is rolled back is thrown away. */
#ifndef ETL_DICTIONARY_H
#define ETL_DICTIONARY_H

#include "etl/case_row.h"
#include "etl/case_table.h"

struct dictionary;

/* Values that got a code since the last dictionary_take(). */
struct dictionary_news {
    struct dictionary_value *list;
    size_t count, capacity;
};

/* Loads the values of all dimensions of the table. `counters` gives the codes; only the reader may use
 * its STORE_CODE until the dictionary is freed. */
int dictionary_open(struct dictionary **dictionary, const struct store *store, const struct case_table *table,
                    struct store_counters *counters, struct err *err);
void dictionary_free(struct dictionary *dictionary);

/* The code of the leaf for a value of the i-th dimension of a case closed on `closed_day`. Ids of categories are
 * remembered, so a dictionary serves one mapper. */
int64_t dictionary_code(struct dictionary *dictionary, size_t dimension, const struct case_category *category,
                        int32_t closed_day);

/* Moves the new values to `news`, which must be empty. */
void dictionary_take(struct dictionary *dictionary, struct dictionary_news *news);
void dictionary_news_release(struct dictionary_news *news);

int dictionary_store(const struct store *store, const struct dictionary_news *news, struct err *err);
/* Stores the latest day of every value that was used, and what became named. */
int dictionary_store_days(struct dictionary *dictionary, const struct store *store, struct err *err);

#endif
