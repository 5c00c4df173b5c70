/* Blocks: some variables of a system may move, the others are held at the truth. What is feasible in a block is
 * feasible in the system, so a small and cheap block can prove safety (but never the lack of it). */
#ifndef STATS_PROTECT_BLOCK_H
#define STATS_PROTECT_BLOCK_H

#include "stats/protect/system.h"

struct block {
    uint32_t *variables;   /* of the system; those that a row of the block holds in place are left out */
    size_t variable_count;
    size_t row_count;      /* rows with at least two of them; entries' variables are places in variables[] */
    size_t *first_entry;
    struct system_entry *entries;
};

/* Makes blocks of one system; holds scratch memory. */
struct block_maker {
    const struct system *system;
    size_t *first_row_of;  /* per variable, and one past the last: its rows */
    uint32_t *row_of;
    uint32_t *place;       /* per variable: its place in the block being made, or PROTECT_NONE */
    uint32_t *stamp;       /* per row */
    uint32_t now;
    uint32_t *wanted, *rows; /* lists */
    size_t wanted_count, row_count;
};
void block_maker_init(struct block_maker *maker, const struct system *system);
void block_maker_release(struct block_maker *maker);

/* Lists variables for the next block; doubles are ignored. */
void block_want(struct block_maker *maker, uint32_t variable);
void block_want_row(struct block_maker *maker, struct protect_view view);
void block_want_all(struct block_maker *maker);
/* Makes the block of the listed variables and empties the list. */
void block_make(struct block_maker *maker, struct block *block);
void block_release(struct block *block);

#endif
