/* Cells: what is known of a group of cases, exactly. Everything is an integer; a measure's values are scaled
 * by 10^decimals before they come here, so no result depends on the order of addition.
 *
 * Laws. cell_join() adds two groups of cases of the *same* person: associative and commutative; persons and
 * largest contributions mean nothing until cell_seal(). cell_merge() adds two groups with *no person in
 * common*: associative and commutative, a zeroed cell is neutral, merge(a, b) = the cell of all cases of a
 * and b. An overflow is reported, never wrapped: sums must fit 63 bits, sums of squares 127. */
#ifndef STATS_CELL_H
#define STATS_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 cell_key;
__extension__ typedef __int128 cell_wide;

/* One measure's values in a cell. Largest contributions: of one person, as |sum of that person's values|. */
struct cell_sum {
    cell_wide squares;
    int64_t sum;
    uint64_t n;       /* values */
    uint64_t persons; /* contributors: persons with at least one value */
    uint64_t top1, top2;
    uint64_t share; /* values within the measure's share range */
};

struct cell {
    cell_key key;
    uint64_t cases, persons;
    uint64_t top1, top2; /* cases of the person with the most, and the next */
    struct cell_sum sums[];
};

/* Values beyond ±10^15 are refused by the readers: the squares of 10^8 such values still fit. */
#define CELL_VALUE_LIMIT INT64_C(1000000000000000)

size_t cell_bytes(size_t measures);

/* Adds one case's value, scaled. True: overflow. */
bool cell_add_value(struct cell_sum *sum, int64_t value, bool in_share);

bool cell_join(struct cell *into, const struct cell *from, size_t measures);

/* Marks a cell as the cases of one person. */
void cell_seal(struct cell *cell, size_t measures);

/* Adds `from` to `into`; `into` keeps its key. True: overflow. */
bool cell_merge(struct cell *into, const struct cell *from, size_t measures);

#endif
