/* Welch's t test for two means with unequal variances (Welch 1947; degrees of freedom: Satterthwaite 1946), from summaries,
 * as R's t.test(). */
#ifndef STATS_METHOD_WELCH_H
#define STATS_METHOD_WELCH_H

#include "stats/method/method.h"

struct welch_sample {
    double n, mean, sd;
};

struct welch {
    double difference, low, high; /* first mean less second, with interval */
    double t, df, p;
};

/* Each sample needs n >= 2: TOO_SHORT; both sd 0: CONSTANT; OUT_OF_RANGE. */
enum method_reason welch_test(const struct welch_sample *first, const struct welch_sample *second, double confidence,
                              struct welch *out);

#endif
