/* Mann-Kendall test with the variance corrected for autocorrelation (Hamed & Rao 1998): from the ranks of what is left
 * after the Theil-Sen line, the autocorrelations that are significant at 5 % widen the variance by
 * 1 + 2 / (n (n-1) (n-2)) sum (n-k)(n-k-1)(n-k-2) r(k). A factor below one is taken as one: in short series it comes from
 * chance more often than from alternation, and would call noise a trend. */
#ifndef STATS_METHOD_HAMED_RAO_H
#define STATS_METHOD_HAMED_RAO_H

#include "stats/method/method.h"

struct hamed_rao {
    size_t n;
    double factor;         /* as in the paper, before it is bounded by one */
    double variance, z, p; /* with the bounded factor */
};

/* Needs 10 present values; lags count present values, so gaps are ignored. EMPTY, TOO_SHORT, CONSTANT, OUT_OF_RANGE. */
enum method_reason hamed_rao(const struct series *series, struct hamed_rao *out);

#endif
