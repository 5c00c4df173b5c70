/* The audit: can a reader narrow down a member too far? Answers by witnesses (see witness.h), found by linear programs on
 * blocks of growing size and at last on the whole system. */
#ifndef STATS_PROTECT_AUDIT_H
#define STATS_PROTECT_AUDIT_H

#include "stats/protect/block.h"
#include "stats/protect/doubts.h"
#include "stats/protect/lp.h"
#include "stats/protect/witness.h"

/* Bounds of whole numbers are rounded inward by this much. */
#define AUDIT_ROUNDING 1e-6

/* What must be possible for a member: changes from the truth. */
struct audit_goal {
    double up;    /* some possible table is at least this much higher */
    double down;  /* some is at least this much lower */
    double width; /* two differ by at least this */
};
/* The range over all witnesses so far, the truth among them. */
struct audit_range {
    double low, high;       /* changes: low <= 0 <= high */
    double whole_low, whole_high; /* over witnesses of whole numbers alone */
};

/* A table between two witnesses that lifts the member, and which the knower cannot rule out. */
struct audit_mixture {
    uint32_t member, knower;
    uint32_t witnesses[2]; /* PROTECT_NONE: the truth */
    double share;          /* of the first */
};

struct audit {
    const struct protect_problem *problem;
    const struct protect_options *options;
    const struct protect_members *members;
    struct audit_goal *goals;    /* per member */
    struct audit_range *ranges;
    struct doubts *doubts;
    size_t member_count;         /* of members that the arrays know */
    struct witness_set witnesses;
    struct audit_mixture *mixtures; /* one for each doubt that two witnesses together settled */
    size_t mixture_count, mixture_capacity;
    uint64_t iterations, budget;
    size_t solves;
    int64_t *gain;               /* scratch of audit_harvest(), per member */
    uint32_t *touched, *stamp, now;
    size_t touched_count;
    struct knowers contradicted;
};

/* Sets the goals (PROTECTION 5.2). Members may be added to the set later: then call audit_grow(), which takes the old witnesses into
 * account for them. Withholding more spoils no witness, so that nothing is looked for twice. */
void audit_init(struct audit *audit, const struct protect_problem *problem, const struct protect_options *options,
                const struct protect_members *members);
void audit_grow(struct audit *audit);
void audit_release(struct audit *audit);

bool audit_member_wide(const struct audit *audit, size_t member); /* safe from outsiders */
bool audit_member_open(const struct audit *audit, size_t member); /* neither safe from all nor lost */
size_t audit_open_count(const struct audit *audit);

/* Looks for witnesses for all open members under the pattern. Ends early when the budget is spent. */
void audit_search(struct audit *audit, const unsigned *withheld);
bool audit_spent(const struct audit *audit);
/* Whether linear programs of the whole system take minutes: then parts of it have to do, one after another. */
bool audit_is_large(const struct audit *audit);

/* What contributors, too, must not be able to rule out: that the member and they themselves are k (as in a published cell, where
 * each of k knows that the others are k − 1), and if that says nothing, that it is one more or one less. */
double audit_lift(const struct audit *audit, size_t member);
bool audit_lifts(const struct audit *audit, size_t member, double gain);
/* Takes the witness added last into account for a member that it moves by this much; `contradicted` holds those who can
 * rule it out. */
void audit_note(struct audit *audit, size_t member, double gain);

/* Takes the changes of the block's variables, if they are exactly feasible and widen the range of an open member. */
bool audit_harvest(struct audit *audit, const struct system *system, const struct block *block, const double *changes);
#endif
