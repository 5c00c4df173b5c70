/* Remainders: what a parent holds beyond its published descendants along one axis. A reader computes it by subtraction,
 * so it must be as safe as a cell; the published row `(withheld)` states the part below withheld children. */
#ifndef STATS_PROTECT_REMAINDER_H
#define STATS_PROTECT_REMAINDER_H

#include "stats/protect/primary.h"

/* Computes unions of unknowns below a family. `withheld` per cell. */
struct remainder {
    const struct protect_problem *problem;
    const unsigned *withheld;  /* per cell: not 0 if it has no row */
    uint32_t *stamp;           /* per unknown */
    uint32_t now;
    uint32_t *unknowns;        /* the result */
    size_t count;
    uint32_t *cells;           /* what was taken away for it */
    size_t cell_count, cell_capacity;
};
void remainder_init(struct remainder *remainder, const struct protect_problem *problem, const unsigned *withheld);
void remainder_release(struct remainder *remainder);
/* The family's parent minus its greatest published descendants along the axis: unknowns[0..count). Returns whether
 * anything below the parent is withheld: if not, the remainder holds no case. */
bool remainder_deep(struct remainder *remainder, uint32_t family);
/* The parent minus its published children: what a row `(withheld)` states. */
bool remainder_plain(struct remainder *remainder, uint32_t family);
/* The parent minus one child. */
void remainder_without(struct remainder *remainder, uint32_t family, uint32_t child);

/* The remainder rule, until nothing changes: where a deep remainder under a published parent is unsafe, withholds its
 * smallest published child or descendant, else the parent. Adds PROTECT_REMAINDER to `withheld`, and each remainder that was unsafe to the
 * members, for the audit: a cell withheld for it may be known from elsewhere. Cells published earlier and forced ones
 * stay; what they expose is marked lost. Returns the number of cells withheld. */
size_t remainder_enforce(struct primary_judge *judge, unsigned *withheld, struct protect_members *members);

#endif
