/* Monte Carlo test of independence for tables with small expected counts: random tables with the same margins (Patefield
 * 1981, Algorithm AS 159), as R's chisq.test(simulate.p.value = TRUE). p = (1 + tables at least as extreme) / (1 + tables)
 * (Davison & Hinkley 1997). The same seed gives the same p. */
#ifndef STATS_METHOD_PERMUTATION_H
#define STATS_METHOD_PERMUTATION_H

#include <stdint.h>

#include "stats/method/contingency.h"

/* Counts must be whole numbers, their total at most 10 million. Reasons as margins_of(). */
enum method_reason permutation_p(const struct contingency *table, size_t tables, uint64_t seed, double *p);

#endif
