/* Pettitt's test for one change of level (Pettitt 1979): U(t) compares all values up to t with all after it; K = max |U(t)|;
 * p = 2 exp(-6 K^2 / (n^3 + n^2)), an upper bound that is close where it is small. */
#ifndef STATS_METHOD_PETTITT_H
#define STATS_METHOD_PETTITT_H

#include "stats/method/method.h"

struct pettitt {
    size_t n;
    double k, p;
    size_t last_before, first_after; /* periods on either side of the change */
    double median_before, median_after;
};

/* Needs 4 values. EMPTY, TOO_SHORT, CONSTANT, OUT_OF_RANGE. */
enum method_reason pettitt(const struct series *series, struct pettitt *out);

#endif
