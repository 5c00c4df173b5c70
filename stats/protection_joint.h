/* What stats/protection_joint.c and stats/protection_parts.c share: all figures of one period as parts of its cases. For these alone. */
#ifndef STATS_PROTECTION_JOINT_H
#define STATS_PROTECTION_JOINT_H

#include "stats/protect/lift.h"
#include "stats/protection_work.h"

/* Of one measure: its contributors, the others; of a score how far it is above its lowest and below its highest value; how many values are
 * within a share's range and outside; and, where both are published, what is left above and below what the share implies of the sum.
 * Where a standard deviation is published with these the squares follow. Of a score: how far the values are from the lowest times how far from the highest
 * (SPREAD), and, of a whole number j and the next, from j times from j + 1 (FACETS), of which none is below zero: no more can be said of whole numbers of
 * which there are so many, with such a sum and such squares. Of amounts: the value (ABOVE) and its square (SPREAD) in parts of the greatest, and what
 * is left to the greatest: where there is an amount there is a contributor. */
enum { JOINT_FACETS = 10 };
enum role { WITH, WITHOUT, ABOVE, BELOW, INSIDE, OUTSIDE, MORE, LESS, SPREAD, FACETS, ROLES = FACETS + JOINT_FACETS };

struct joint_measure {
    size_t measure;
    bool roles[ROLES];
    int part[ROLES];
    uint64_t tables;
    bool all_have_one; /* nobody is without a value */
    int64_t greatest; /* of a measure without ends, without its sign */
    bool negative;
    int64_t least[2], most[2]; /* outside and inside the share's range: how far above the lowest value one can be */
};

struct joint {
    struct work *work;
    size_t dimension;
    uint32_t period;
    struct protect_problem base, problem;
    struct joint_measure *measures;
    size_t measure_count;
    struct lift_part *parts;
    size_t part_count;
    struct lift_sum *sums;
    size_t sum_count;
    uint64_t *blocks;
    size_t block_count;
    struct period_rows rows; /* of one measure, the same rows as work->period */
    bool *reached;           /* per unknown of `problem`: see struct protect_result */
    uint32_t *cell_of;
};

/* Reads the cases of the period and builds their problem: what is published of them is to stay. */
int joint_build_cases(struct joint *joint, struct err *err);
/* Takes the states of the part's cells from what the layers decided. Returns whether readers get any of it. */
bool joint_find_states(const struct joint *joint, const struct joint_measure *measure, enum role role, struct lift_cell *cells);
/* Finds the parts of all measures, and how they add up. */
int joint_build_parts(struct joint *joint, struct err *err);

#endif
