/* Sparse columns over a prime field pair, for elimination: entries ascending by row, none zero modulo both primes; and
 * for each row the columns that may have an entry in it (some no longer do). */
#ifndef STATS_PROTECT_SPARSE_H
#define STATS_PROTECT_SPARSE_H

#include <stddef.h>

#include "stats/protect/field.h"

struct sparse_entry {
    uint32_t row;
    struct field_pair value;
};
struct sparse_column {
    struct sparse_entry *entries;
    uint32_t count, capacity;
};
struct sparse_row {
    uint32_t *columns;
    uint32_t count, capacity;
};
struct sparse {
    struct sparse_column *columns;
    size_t column_count;
    struct sparse_row *rows;
    size_t row_count;
    struct sparse_entry *scratch;
    size_t scratch_capacity;
};

void sparse_init(struct sparse *sparse, size_t row_count, size_t column_count);
void sparse_release(struct sparse *sparse);
/* Entries must come in ascending order of row. */
void sparse_append(struct sparse *sparse, uint32_t column, struct sparse_entry entry);
/* The entry of the column in that row, or NULL. */
const struct sparse_entry *sparse_find(const struct sparse *sparse, uint32_t column, uint32_t row);
/* Scales the column so that its entry in `row` is 1. */
void sparse_normalise(struct sparse *sparse, uint32_t column, uint32_t row);
/* target -= factor × source. */
void sparse_subtract(struct sparse *sparse, uint32_t target, struct field_pair factor, uint32_t source);
/* Frees the column's entries: it is in no one's way any more. */
void sparse_drop(struct sparse *sparse, uint32_t column);
/* Whether one is a multiple of the other; two empty columns are. */
bool sparse_proportional(const struct sparse *sparse, uint32_t a, uint32_t b);

#endif
