/* Kruskal-Wallis rank test of several groups (Kruskal & Wallis 1952), corrected for ties, as R's kruskal.test(). It takes
 * frequencies, so that it serves single values (frequency 1) and distributions over ordered categories. */
#ifndef STATS_METHOD_KRUSKAL_WALLIS_H
#define STATS_METHOD_KRUSKAL_WALLIS_H

#include "stats/method/method.h"

struct kruskal_entry {
    size_t group; /* from 0 */
    double value, frequency;
};

struct kruskal_wallis {
    double statistic, p, n;
    size_t df;
};

/* Entries of `groups` groups; empty groups are left out. OUT_OF_RANGE, EMPTY, ONE_GROUP, CONSTANT. */
enum method_reason kruskal_wallis(const struct kruskal_entry *entries, size_t count, size_t groups,
                                  struct kruskal_wallis *out);

#endif
