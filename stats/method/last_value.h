/* The last value of a series against what those before it let expect. Expected is the one-step forecast of damped Holt-Winters
 * (holt_winters_fit.h), seasonal from two full cycles, from which earlier outliers are kept out (Gelper, Fried & Croux 2010 in
 * spirit): values whose remainder in robust STL (from three cycles) is above twenty times the median one, or, without a season,
 * fifteen times as far from the Theil-Sen line as the median. With four to seven earlier values: their median, with sigma from the median moving range (xmr.h). */
#ifndef STATS_METHOD_LAST_VALUE_H
#define STATS_METHOD_LAST_VALUE_H

#include "stats/method/method.h"

enum last_value_basis { LAST_VALUE_SEASONAL, LAST_VALUE_LEVEL, LAST_VALUE_RANGES };

struct last_value {
    size_t n;        /* earlier values that the expectation rests on */
    size_t outliers; /* earlier values kept out of it */
    enum last_value_basis basis;
    double value, expected, low, high; /* limits that hold 99.73 % (three sigma) */
    double p;                          /* two-sided */
};

/* The last period must be present: GAPS. Needs 4 earlier values: TOO_SHORT. EMPTY, CONSTANT (the earlier ones),
 * OUT_OF_RANGE, NO_FIT. */
enum method_reason last_value(const struct series *series, struct last_value *out);

#endif
