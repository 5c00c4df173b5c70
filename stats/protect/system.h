/* What a reader knows once a pattern is published, as a linear system: variables are the unknowns that are not known
 * already (merged where no published row and no member tells them apart), rows are the published sums that still hold two or
 * more of them. The truth is a solution; the audit looks for others that agree with it on every row. */
#ifndef STATS_PROTECT_SYSTEM_H
#define STATS_PROTECT_SYSTEM_H

#include "stats/protect/primary.h"

struct system_entry {
    uint32_t variable;
    double coefficient;
};

struct system {
    const struct protect_problem *problem;
    const struct protect_members *members;

    uint32_t *variable_of;    /* per unknown; PROTECT_NONE: known, or in no row and no member */
    size_t *first_unknown_of; /* per variable, and one past the last: its unknowns */
    uint32_t *unknown_of;
    size_t variable_count;
    int64_t *truth;           /* per variable */
    int64_t *lowest;          /* what the reader knows it to be at least */

    size_t row_count;
    size_t *first_entry;      /* per row, and one past the last */
    struct system_entry *entries;

    size_t *first_in_member;  /* per member, and one past the last: its variables */
    uint32_t *in_member;
    size_t *first_member_of;  /* per variable, and one past the last: the members that hold it */
    uint32_t *member_of;
};

/* `withheld` per cell; what is 0 is published. */
void system_build(struct system *system, const struct protect_problem *problem, const struct protect_options *options,
                  const struct protect_members *members, const unsigned *withheld);
/* What the reader knows an unknown to be at least. */
int64_t system_lowest(const struct protect_problem *problem, const struct protect_options *options, uint32_t unknown);
void system_release(struct system *system);

#endif
