/* Mann-Kendall test for a monotone trend (Mann 1945, Kendall 1975), variance corrected for ties, Z with continuity
 * correction. p is two-sided: exact below 50 values without ties, else normal, as in R's cor.test(). tau is Kendall's tau-b. */
#ifndef STATS_METHOD_MANN_KENDALL_H
#define STATS_METHOD_MANN_KENDALL_H

#include "stats/method/method.h"

struct mann_kendall {
    size_t n;
    double s, variance, z, p, tau;
    bool exact;
};

/* Missing periods are left out; the test uses the order only. Needs 3 values. EMPTY, TOO_SHORT, CONSTANT, OUT_OF_RANGE. */
enum method_reason mann_kendall(const struct series *series, struct mann_kendall *out);

/* Its parts, for tests built from it: S, its variance and the number of tied pairs of n finite values in order. */
struct kendall_score {
    double s, variance, tied_pairs;
};
struct kendall_score kendall_score_of(const double *values, size_t n);
/* Z with continuity correction: (|S| - 1) / sqrt(variance) with the sign of S. */
double kendall_z(double s, double variance);

#endif
