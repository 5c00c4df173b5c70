/* Margins that tables of one period share. */
#ifndef STATS_PROTECTION_LINKS_H
#define STATS_PROTECTION_LINKS_H

#include "stats/protect/cross.h"

/* One table in the problem: its dimensions (numbers of the source's, ascending), and what stands where. */
struct protection_table {
    const size_t *dimensions;      /* without the period */
    size_t count;
    struct cross_dimension crossed[CROSS_MAX_DIMENSIONS];
    struct cross_map map;
};

/* Do the tables form a tree of shared margins (an acyclic hypergraph; Graham 1979, Yu and Özsoyoğlu 1979: the GYO reduction
 * leaves nothing)? Then equality of shared margins says all that a reader knows. */
bool links_are_tree(const struct protection_table *tables, size_t count);

/* Adds an equation for every combination of codes of the dimensions that two tables share: their figures are equal. */
void links_add(struct protect_problem *problem, const struct protection_table *tables, size_t count);

#endif
