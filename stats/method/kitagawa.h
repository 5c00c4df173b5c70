/* Components of a difference between two overall rates (Kitagawa 1955): what comes from another mix of groups and what
 * from other rates within them, each at the mean of the two periods, so that they add up without a remainder:
 *   mix(g) = (share2 - share1) (rate1 + rate2) / 2 - the same of the overall mean, rate(g) = (rate2 - rate1) (share1 + share2) / 2. */
#ifndef STATS_METHOD_KITAGAWA_H
#define STATS_METHOD_KITAGAWA_H

#include "stats/method/method.h"

struct kitagawa_group {
    double size[2]; /* cases or exposure, before and after; 0: the group is not there */
    double rate[2]; /* its rate or mean; where the group is not there it is taken as in the other period */
};

struct kitagawa_part {
    double mix, rate;
};

struct kitagawa {
    double overall[2]; /* the overall rate before and after */
    double mix, rate;  /* sums of the parts; overall[1] - overall[0] = mix + rate */
};

/* One part per group into parts[0..n). A group's mix is measured against the overall mean rate, so that a growing group with
 * an average rate has none; the sum is the same. NO_EXPOSURE (nothing in one of the periods), OUT_OF_RANGE. */
enum method_reason kitagawa(const struct kitagawa_group *groups, size_t n, struct kitagawa_part *parts,
                            struct kitagawa *out);

#endif
