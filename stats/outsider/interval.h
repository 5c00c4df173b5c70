/* Tight intervals by linear programming, where the verdict needs them. Every solution that is met on the way is a
 * table that agrees with all that is published: the ranges of cells over those witnesses settle most cells without a
 * program of their own. */
#ifndef STATS_OUTSIDER_INTERVAL_H
#define STATS_OUTSIDER_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/outsider/bounds.h"
#include "stats/outsider/lattice.h"
#include "stats/outsider/simplex.h"

struct interval_question {
    const bool *wanted; /* per cell */
    /* Whether a cell needs no closer look, given that it may be as low and as high as that; NULL: never. */
    bool (*settled)(const void *context, uint32_t cell, double low, double high);
    const void *context;
    size_t *budget_iterations; /* of the simplex method; what is used is taken from it */
};

struct interval_statistics {
    size_t components, columns, rows, programs;
};

/* Narrows the bounds of wanted cells: as far as they go, or until the cell is settled (its bounds then still hold,
 * but may be wide). Counts are rounded to the whole numbers within. Anything but SIMPLEX_OPTIMAL: the bounds are
 * unchanged. */
enum simplex_result interval_solve(struct bounds *bounds, const struct lattice *lattice,
                                   const struct interval_question *question, struct interval_statistics *statistics);

#endif
