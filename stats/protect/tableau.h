/* Moves away from the truth that keep the equations of a block: primal simplex with bounds on a dense tableau, steepest edge.
 *
 * Variables are changes from the truth, each between a bound of at most 0 and one of at least 0, and equations are homogeneous. So the
 * truth, where all are 0, is feasible whatever the basis: there is no phase 1, a new objective or new bounds begin at rest with the
 * basis that is there, and what an objective does not need to move stays where it is. Columns may lie between their bounds. */
#ifndef STATS_PROTECT_TABLEAU_H
#define STATS_PROTECT_TABLEAU_H

#include "stats/protect/block.h"

struct tableau_entry {
    uint32_t column;
    double value;
};
struct tableau {
    size_t row_count, column_count, stride;
    double *entries;        /* basic variable of row r = sum of entries[r × stride + c] × variable of column c */
    uint32_t *basic;        /* variable of each row */
    uint32_t *nonbasic;     /* variable of each column */
    uint32_t *row_of;       /* per variable, or PROTECT_NONE: it is a column */
    uint32_t *column_of;    /* per variable, or PROTECT_NONE: it is a row */
    size_t variable_count;
    double *value, *lower, *upper; /* per variable */
    double *norm;           /* per column: 1 + sum of squares of its entries */
    double *worth;          /* per column: what the objective gains with one unit */
    double *column;         /* scratch: the entering column */
    uint32_t *support;      /* scratch: columns in which the leaving row is not 0 */
    bool *changed, any_changed; /* per row: since it was made */
    struct tableau_entry *kept; /* as it was made */
    size_t *first_kept;
    uint32_t *kept_basic, *kept_nonbasic;
    double *kept_norm;
    double objective;
    uint64_t iterations;    /* of all runs */
};

/* Whether a block of this size has one: memory and time grow with rows × variables. */
bool tableau_fits(const struct block *block);
/* Variables are the block's, numbered as there; `ease` per variable: those with more of it become basic first. All are fixed. */
void tableau_open(struct tableau *tableau, const struct block *block, const double *ease);
void tableau_close(struct tableau *tableau);

/* Back to the truth. Bounds may be changed there only. */
void tableau_rest(struct tableau *tableau);
void tableau_bound(struct tableau *tableau, uint32_t variable, double lower, double upper);

/* The objective: `direction` (1 or −1) × the sum of these variables. Starts where the variables are. */
void tableau_aim(struct tableau *tableau, const uint32_t *variables, size_t count, double direction);
/* Improves the objective until it is `enough`, as great as can be, or `limit` iterations are over. Returns whether it is enough. */
bool tableau_improve(struct tableau *tableau, double enough, uint64_t limit);

#endif
