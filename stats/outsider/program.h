/* The linear system that is left when interval arithmetic can do no more.
 *
 * Columns are the open inner cells (neither fixed nor a sum of parts). Every other open cell is a sum of columns and
 * a constant, by its first equation. Rows: each known cell over its parts, expanded down to columns, stopping at
 * what is known (so a row is a remainder); and where a cell has parts in two tables that share no inner cells, that
 * both give the same. Cells, columns and rows that hang together form one component. */
#ifndef STATS_OUTSIDER_PROGRAM_H
#define STATS_OUTSIDER_PROGRAM_H

#include "stats/outsider/bounds.h"
#include "stats/outsider/lattice.h"

struct program_row {
    size_t first, count; /* slice of column[] and coefficient[] */
    double low, high;
};

struct program {
    const struct lattice *lattice;
    const struct bounds *bounds;
    uint32_t *column_of; /* per cell; LATTICE_NONE: not a column */
    uint32_t *cell_of;   /* per column */
    size_t column_count;
    struct program_row *rows;
    size_t row_count, row_capacity;
    uint32_t *column;
    double *coefficient;
    size_t entry_count, entry_capacity;
    uint32_t *component; /* per column */
    uint32_t *leader;    /* per cell: a column that it is made of; LATTICE_NONE: none */
    size_t component_count;
    double *sums;      /* room for one expansion: per column, all zero between uses */
    uint32_t *touched; /* the columns of the last expansion */
    size_t touched_count;
};

/* The bounds must not change while the program lives. */
void program_build(struct program *program, const struct lattice *lattice, const struct bounds *bounds);
void program_release(struct program *program);

/* The cell as a constant and columns touched[0 … touched_count) with coefficients sums[]. program_clear() before the
 * next. */
double program_expand(struct program *program, uint32_t cell);
void program_clear(struct program *program);

#endif
