/* What an outsider knows of one figure in every cell of a lattice: an interval each. */
#ifndef STATS_OUTSIDER_BOUNDS_H
#define STATS_OUTSIDER_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/outsider/lattice.h"

struct bounds {
    double *low, *high; /* per cell; infinite where nothing is known */
    bool *given;        /* the interval comes from the publication, not from the cell's parts or wholes */
    size_t count;
    bool whole; /* counts: exact arithmetic; else sums, rounded outward */
};

/* All cells between `low` and `high`. */
void bounds_init(struct bounds *bounds, size_t count, bool whole, double low, double high);
void bounds_release(struct bounds *bounds);

bool bounds_fixed(const struct bounds *bounds, uint32_t cell); /* known exactly */

/* Narrows all intervals by interval arithmetic over the equations until nothing changes or a limit in proportion to
 * their number is reached (narrowing less is always sound). BOUNDS_CONSISTENT, or the index of an equation that no
 * numbers can fulfil. */
#define BOUNDS_CONSISTENT SIZE_MAX
size_t bounds_propagate(struct bounds *bounds, const struct lattice *lattice);

#endif
