/* Where cases come from: the store, or rows in memory. A source gives batches of decoded rows: for each
 * dimension a leaf node, for each measure a scaled value. It is cut into parts that threads read at the same
 * time; all rows of a person are in one part and follow each other. Reading a part twice gives the same rows.
 *
 * `person` tells persons apart; rows that follow each other and have the same number are one person's. */
#ifndef STATS_ROWS_H
#define STATS_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define ROWS_NO_VALUE INT64_MIN

struct rows { /* valid until the next call on the reader */
    size_t count;
    const int64_t *person;
    const uint32_t *nodes; /* row after row, one for each dimension of the source */
    const int64_t *values; /* row after row, one for each measure, or ROWS_NO_VALUE; within ±CELL_VALUE_LIMIT */
};

struct row_source {
    void *context;
    size_t dimensions, measures;
    size_t parts;
    int (*open)(const struct row_source *source, void **reader, struct err *err); /* may be called by several threads */
    int (*seek)(void *reader, size_t part, struct err *err);
    int (*next)(void *reader, struct rows *rows, struct err *err); /* 1: rows; 0: the part's end */
    void (*close)(void *reader);
};

/* Rows in memory, row after row as above and in person order; cut into `parts` at persons. The arrays are the
 * caller's and live as long as the source. */
struct rows_memory {
    struct rows rows;
    size_t *first; /* of each part, and one past the last */
    struct row_source source;
};
void rows_memory_init(struct rows_memory *memory, const struct rows *rows, size_t dimensions, size_t measures,
                      size_t parts);
void rows_memory_release(struct rows_memory *memory);

#endif
