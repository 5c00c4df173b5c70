/* Difference of two independent proportions: interval from the two Wilson intervals (Newcombe 1998, method 10), test by
 * chi-square without continuity correction (prop.test(correct = FALSE) in R). */
#ifndef STATS_METHOD_TWO_PROPORTIONS_H
#define STATS_METHOD_TWO_PROPORTIONS_H

#include "stats/method/method.h"

struct proportion {
    double successes, n; /* 0 <= successes <= n, n > 0 */
};

struct two_proportions {
    double difference, low, high; /* first less second */
    double z, p;                  /* z has the sign of the difference; 0 and 1 where both are all or nothing */
};

/* NO_EXPOSURE for n = 0, OUT_OF_RANGE. */
enum method_reason two_proportions(const struct proportion *first, const struct proportion *second, double confidence,
                                   struct two_proportions *out);

#endif
