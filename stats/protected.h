/* What of a table may be published, as the protection step says. A cell is published or it is not there; each measure
 * of a published cell is published or not. Where cells below a published one are withheld, a remainder row gives
 * their sum, so that the table adds up. */
#ifndef STATS_PROTECTED_H
#define STATS_PROTECTED_H

#include "stats/cube.h"

struct protected_remainder {
    uint32_t parent;   /* the published cell */
    size_t dimension;  /* whose children are added up, as in the layout */
    struct cell *cell; /* cases and sums; persons and largest contributions mean nothing */
    bool *measures;    /* per measure: published? Quantiles never are */
};

struct protected_table {
    bool *cells;    /* per cell: published? */
    bool *measures; /* per cell and measure: published? */
    struct protected_remainder *remainders;
    size_t remainder_count, remainder_capacity;
};

void protected_init(struct protected_table *table, const struct cube_table *cube);
void protected_release(struct protected_table *table);

/* Adds a remainder of no cells yet and no measures. */
struct protected_remainder *protected_add(struct protected_table *table, const struct cube_table *cube, uint32_t parent,
                                          size_t dimension);

#endif
