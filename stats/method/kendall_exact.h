/* The exact distribution of the number of discordant pairs D between two orders without ties when all n! orders are
 * equally likely (Kendall 1938; the recursion of Best & Gipps 1974, Algorithm AS 71). */
#ifndef STATS_METHOD_KENDALL_EXACT_H
#define STATS_METHOD_KENDALL_EXACT_H

#include <stddef.h>

enum { KENDALL_EXACT_LIMIT = 50 }; /* used below this n, as R's cor.test does */

/* P(D <= d) for 2 <= n < KENDALL_EXACT_LIMIT; 0 for d < 0. */
double kendall_exact_at_most(size_t n, double d);

/* How many of the smallest values of D hold at most the probability p together: the least d with P(D <= d) > p. */
size_t kendall_exact_tail(size_t n, double p);

#endif
