/* Linear programs, by GLPK's primal simplex kept warm: the basis stays while the objective changes. Counts iterations,
 * so that a budget gives the same result on every machine. An error inside GLPK fails the solve, it does not end the program. */
#ifndef STATS_PROTECT_LP_H
#define STATS_PROTECT_LP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lp_result {
    LP_OPTIMAL,
    LP_FEASIBLE,   /* the iteration limit came first: the values are feasible, not the best */
    LP_UNBOUNDED,  /* likewise feasible; the objective has no end */
    LP_INFEASIBLE,
    LP_FAILED,     /* no feasible point in time, or trouble with numbers: the values mean nothing */
};

struct lp {
    void *problem; /* glp_prob */
    uint64_t iterations; /* of all solves */
    int *index;          /* of the row being added, from 1 as GLPK counts */
    double *coefficient;
    size_t count, capacity;
};

void lp_open(struct lp *lp);
void lp_close(struct lp *lp);
/* Columns and rows are numbered from 0. Bounds may be infinite. */
size_t lp_add_columns(struct lp *lp, size_t count); /* the number of the first */
void lp_bound_column(struct lp *lp, size_t column, double lower, double upper);
void lp_set_cost(struct lp *lp, size_t column, double cost);
/* A row of `count` entries between lower and upper. */
void lp_begin_row(struct lp *lp);
void lp_add_entry(struct lp *lp, size_t column, double coefficient);
void lp_end_row(struct lp *lp, double lower, double upper);

/* Makes a new column, of which the row added last alone holds an entry, basic in place of that row: the values found last stay feasible,
 * so that the next solve has nothing to repair first. */
void lp_begin_with(struct lp *lp, size_t column);

/* Takes the row added last away again, and the column that it began with. */
void lp_drop_last_row(struct lp *lp, size_t column);

/* Maximises the sum of cost × value, in at most `limit` iterations. */
enum lp_result lp_maximise(struct lp *lp, uint64_t limit);
double lp_value(const struct lp *lp, size_t column);
double lp_objective(const struct lp *lp);

#endif
