/* One linear program with many objectives, solved by GLPK from the basis of the last one. GLPK's own way to handle
 * an internal error is to abort; here it ends in SIMPLEX_FAILED, and the program answers nothing else from then on.
 * Not for several threads at once. */
#ifndef STATS_OUTSIDER_SIMPLEX_H
#define STATS_OUTSIDER_SIMPLEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum simplex_result {
    SIMPLEX_OPTIMAL,
    SIMPLEX_UNBOUNDED,
    SIMPLEX_INFEASIBLE, /* no numbers fulfil all rows */
    SIMPLEX_BUDGET,     /* iterations ran out */
    SIMPLEX_FAILED,
};

/* Rows and columns are numbered from 0; each row is given as slices of `columns` and `coefficients`. */
struct simplex_shape {
    size_t row_count, column_count;
    const size_t *first, *count; /* per row */
    const uint32_t *columns;
    const double *coefficients;
    const double *row_low, *row_high, *column_low, *column_high; /* may be infinite */
};

struct simplex;

/* NULL if GLPK could not take it. */
struct simplex *simplex_open(const struct simplex_shape *shape);
void simplex_free(struct simplex *simplex);

/* Greatest (or least) value of the objective that stands from simplex_set_objective(). Takes what it used from
 * `*budget_iterations`. */
void simplex_set_objective(struct simplex *simplex, uint32_t column, double coefficient);
enum simplex_result simplex_solve(struct simplex *simplex, bool greatest, size_t *budget_iterations, double *value);
double simplex_column(const struct simplex *simplex, uint32_t column); /* in the last optimal solution */

#endif
