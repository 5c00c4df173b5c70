/* P values adjusted so that rejecting all below q keeps the expected share of false discoveries under q (Benjamini & Hochberg
 * 1995), as R's p.adjust(method = "BH"). */
#ifndef STATS_METHOD_BENJAMINI_HOCHBERG_H
#define STATS_METHOD_BENJAMINI_HOCHBERG_H

#include <stddef.h>

/* n p values in 0..1, in any order, into adjusted[0..n) in the same order; `adjusted` may be `p`. NAN is no test: it does not
 * count and stays NAN. */
void benjamini_hochberg(const double *p, size_t n, double *adjusted);

#endif
