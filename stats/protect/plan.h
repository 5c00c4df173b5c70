/* Which blocks the audit tries, in which order: all unknowns below one cell, then below the two parents of a cell; by
 * size. Most members are proved safe in small blocks for next to nothing. */
#ifndef STATS_PROTECT_PLAN_H
#define STATS_PROTECT_PLAN_H

#include "stats/protect/system.h"

struct plan {
    uint32_t cells[2]; /* what may move: everything below them */
    uint32_t focus;    /* whose members are tried: those with a part below this cell */
    size_t size;       /* variables that may move, at most */
};

/* Ascending by size; the caller frees it. The whole system is not among them. */
struct plan *plan_blocks(const struct system *system, size_t *count);

#endif
