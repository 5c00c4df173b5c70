/* Cells by key: an open-addressing hash (linear probing, at most half full) over an array of cells, so that a
 * cell has an index that stays and a place that does not: pointers are valid until the next cellmap_get().
 * Keys are compared in full. A handful of cells is searched without any hash, which makes the map fit for one
 * person's cells too. */
#ifndef STATS_CELLMAP_H
#define STATS_CELLMAP_H

#include <stddef.h>
#include <stdint.h>

#include "stats/cell.h"

#define CELLMAP_NONE UINT32_MAX

struct cellmap {
    size_t measures, stride;
    size_t count, capacity;
    unsigned char *cells;
    uint64_t *slots; /* part of the hash above, index + 1 below; 0: empty. NULL while the map is small */
    size_t mask;
};

void cellmap_init(struct cellmap *map, size_t measures);
void cellmap_release(struct cellmap *map);
void cellmap_clear(struct cellmap *map); /* forgets all cells, keeps their memory */

static inline struct cell *cellmap_at(const struct cellmap *map, size_t index)
{
    return (struct cell *)(void *)(map->cells + index * map->stride);
}

/* The index of the cell, CELLMAP_NONE if there is none. */
uint32_t cellmap_find(const struct cellmap *map, cell_key key);

/* The index of the cell; makes a zeroed one if there is none. At most 2^32 - 2 cells (else the run ends: no
 * memory). */
uint32_t cellmap_get(struct cellmap *map, cell_key key);

/* Puts the cells in ascending order of their keys; indices change. */
void cellmap_sort(struct cellmap *map);

/* Start loading what cellmap_get() and the cell's use will need: first the slot, some time later the cell. */
void cellmap_prefetch_slot(const struct cellmap *map, cell_key key);
void cellmap_prefetch_cell(const struct cellmap *map, cell_key key);

#endif
