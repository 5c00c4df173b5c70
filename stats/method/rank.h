/* Ranks with ties given their mean rank (Wilcoxon 1945). */
#ifndef STATS_METHOD_RANK_H
#define STATS_METHOD_RANK_H

#include <stddef.h>

/* Ranks 1 .. n of n finite values into out[0..n). */
void rank_of(const double *values, size_t n, double *out);

#endif
