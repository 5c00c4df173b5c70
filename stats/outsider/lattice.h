/* Every cell that the published tables could show, and how cells add up.
 *
 * A cell names one node in each dimension of the space, the total where a table does not have the dimension: so the
 * same margin of two tables is one cell, and linked tables hang together by themselves. Cells are the product of
 * each table's nodes (zeros and withheld ones alike: an outsider sees no difference) and, where tables form a
 * circle, the cross of its dimensions. An equation says that a cell is the sum of its parts along one dimension; all
 * that hold are there. */
#ifndef STATS_OUTSIDER_LATTICE_H
#define STATS_OUTSIDER_LATTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "stats/outsider/publication.h"

enum { LATTICE_MAX_CELLS = 4000000 };
#define LATTICE_NONE UINT32_MAX

struct lattice_equation {
    uint32_t whole, dimension;
    size_t first, count; /* slice of parts[] */
};

struct lattice {
    const struct space *space;
    size_t dimension_count;
    uint32_t *nodes;  /* cell × dimension */
    uint64_t *listed; /* bit f: a row of some table with figure f could be this cell */
    size_t cell_count, cell_capacity;
    uint32_t *slots; /* open addressing */
    size_t slot_count;
    struct lattice_equation *equations; /* by whole */
    size_t equation_count, equation_capacity;
    size_t *first_equation; /* per cell, and one past the last */
    uint32_t *parts;
    size_t part_count, part_capacity;
    size_t *first_use; /* per cell, and one past the last: slice of uses[] */
    size_t *uses;      /* equations of which the cell is a part */
    uint32_t *order;   /* all cells, parts before wholes */
    bool *impossible;  /* per cell: known to be empty */
};

/* ERR_DATA: too large to audit. The publication's space is finished and must outlive the lattice. */
int lattice_build(struct lattice *lattice, const struct publication *publication, struct err *err);
void lattice_release(struct lattice *lattice);

/* Whether some table could show the figure of the cell. */
bool lattice_lists(const struct lattice *lattice, uint32_t cell, size_t figure);
/* The cell of those nodes, LATTICE_NONE if there is none. */
uint32_t lattice_find(const struct lattice *lattice, const uint32_t *nodes);
const uint32_t *lattice_nodes(const struct lattice *lattice, uint32_t cell);
/* The cell of a row of a table. */
uint32_t lattice_row(const struct lattice *lattice, const struct publication_table *table, size_t row);

#endif
