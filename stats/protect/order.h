/* In which order cells are offered for publication. */
#ifndef STATS_PROTECT_ORDER_H
#define STATS_PROTECT_ORDER_H

#include "stats/protect/problem.h"

/* The cells with `withheld` 0, what is published already or forced first, then the more important, then the greater, then those that were
 * published last time, then those whose neighbourhood is greater (as in GaussSuppression), then by index. Returns their number;
 * `order` has room for all cells. */
size_t order_candidates(const struct protect_problem *problem, const unsigned *withheld, uint32_t *order);

#endif
