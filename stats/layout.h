/* How a cell's place becomes its key: the node of each dimension in its own bits, the first dimension on top.
 * So ascending keys are the order of rows, and going up a level is arithmetic. The first dimension is the
 * period and is never summed over. */
#ifndef STATS_LAYOUT_H
#define STATS_LAYOUT_H

#include <stdbool.h>

#include "stats/cell.h"
#include "stats/domain.h"

enum { LAYOUT_MAX_DIMENSIONS = 9, LAYOUT_MAX_ANCESTORS = 4096 };

struct layout {
    size_t dimensions;
    const struct dimension *dimension[LAYOUT_MAX_DIMENSIONS];
    unsigned shift[LAYOUT_MAX_DIMENSIONS];
    uint64_t mask[LAYOUT_MAX_DIMENSIONS];
    size_t ancestors; /* of an inner cell, itself included; 1 without margins */
};

/* False if the table is too wide: more than 128 bits or LAYOUT_MAX_ANCESTORS. The count of dimensions is
 * checked by the caller. */
bool layout_init(struct layout *layout, const struct dimension *const *dimensions, size_t count, bool margins);

static inline uint32_t layout_node(const struct layout *layout, cell_key key, size_t d)
{
    return (uint32_t)((uint64_t)(key >> layout->shift[d]) & layout->mask[d]);
}

static inline cell_key layout_part(const struct layout *layout, size_t d, uint32_t node)
{
    return (cell_key)node << layout->shift[d];
}

/* The key with another node in one dimension. */
cell_key layout_with(const struct layout *layout, cell_key key, size_t d, uint32_t node);

/* The keys of all cells that a cell is part of, itself first; at most `ancestors` of them. Returns how many.
 */
size_t layout_ancestors(const struct layout *layout, cell_key key, cell_key *out);

#endif
