/* Individuals chart (XmR; Shewhart 1931, Wheeler & Chambers 1992): centre and three-sigma limits from the moving ranges between
 * successive present values, by means (sigma = mean range / 1.128) or, robustly, by medians (median range / 0.954). */
#ifndef STATS_METHOD_XMR_H
#define STATS_METHOD_XMR_H

#include "stats/method/method.h"

struct xmr {
    size_t n;
    double centre, sigma, low, high;
};

/* Needs 4 present values. EMPTY, TOO_SHORT, CONSTANT (also when the median range is 0), OUT_OF_RANGE. */
enum method_reason xmr_chart(const struct series *series, bool robust, struct xmr *out);

#endif
