/* Quantiles of one value per person that never give one person's value away (PROTECTION 3): the mean of the k
 * or k + 1 central persons' values around the rank, so never a minimum or maximum, rounded to a stated base.
 *
 * For n sorted values, the q-quantile's centre is the position q·n; the window reaches from floor(q·n - k/2)
 * to ceil(q·n + k/2) and is moved inside 0..n where it juts out (then it has k values). The window of 1 - q
 * mirrors that of q. */
#ifndef STATS_QUANTILE_H
#define STATS_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

/* One person's mean within a cell, in thousandths of the scaled unit, halves away from zero. n >= 1. */
enum { QUANTILE_UNIT = 1000 };
int64_t quantile_person_value(int64_t sum, uint64_t n);

/* The quantile, as a multiple of `base` (>= 1, in the scaled unit), halves away from zero. values: person
 * values in any order, which is changed; 1 <= k <= n; percent 1..99. */
int64_t quantile_of(int64_t *values, size_t n, size_t k, int percent, int64_t base);

/* How many persons a cell must have for the quantile to be given beside its sum: from twice k and one on, what the sum and a median leave
 * over are k or more persons; of several quantiles, whose windows overlap, no sums and differences are of fewer from five times k on. */
size_t quantile_least_persons(size_t k, int percent);

#endif
