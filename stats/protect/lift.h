/* Several figures of the same inner cells as one problem: cases, and *parts* of them, such as the cases with a value of a
 * measure and those without, or how far the values lie above the lowest and below the highest score. A reader who has all
 * of them knows more than what each says for itself: parts add up in every inner cell, and none is below zero.
 *
 * Unknown u of the problem of cases is unknown u of the lifted one; part p of it (from 0) is u + (p + 1) × base unknowns. The cells
 * of the cases come first, with the same numbers. */
#ifndef STATS_PROTECT_LIFT_H
#define STATS_PROTECT_LIFT_H

#include "stats/protect/problem.h"

#define LIFT_NOTHING (-1)
#define LIFT_NO_CELL UINT32_MAX

struct lift_cell {
    enum protect_state state;
    unsigned rules;
};
struct lift_part {
    const int64_t *amounts;        /* per contribution of the base; LIFT_NOTHING: it has no part in it */
    const struct lift_cell *cells; /* per cell of the base; NULL: the part has no cells, it is not said of any that it is little */
    uint64_t tables;               /* bits: only these have the part */
    double importance;
    bool amount;                   /* a sum of values: rules on persons are not asked of it */
    bool unjudged;                 /* with `amount`: neither is it said of it that it is little */
    bool rest;                     /* what a difference of figures leaves: its persons contributed to none of them */
    bool sensitive;                /* sharing one category is a disclosure here too */
};

/* In every inner cell the terms come to nothing. */
enum { LIFT_MOST_TERMS = 4, LIFT_CASES = -1 };
struct lift_sum {
    int parts[LIFT_MOST_TERMS]; /* LIFT_CASES: the cases */
    double factors[LIFT_MOST_TERMS];
    uint64_t tables;
};

struct lift {
    const struct protect_problem *base; /* finished */
    const struct lift_part *parts;
    size_t part_count;
    const struct lift_sum *sums;
    size_t sum_count;
    const uint64_t *blocks;             /* bits of parts that the audit moves alone at first */
    size_t block_count;
};

/* Fills an initialised problem and finishes it. cell_of[part × cells of the base + cell]: the part's cell or LIFT_NO_CELL; the
 * caller frees it. */
uint32_t *lift_build(const struct lift *lift, struct protect_problem *problem);

/* One part as a problem of its own, with the unknowns and cells of the base: where `possible` is false for an unknown, it is known to hold
 * nothing. */
void lift_alone(const struct protect_problem *base, const struct lift_part *part, const bool *possible, struct protect_problem *problem);

#endif
