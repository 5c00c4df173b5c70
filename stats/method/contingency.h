/* A table of counts, groups in rows and categories in columns, and Pearson's chi-square test of independence (Pearson 1900),
 * with Yates's correction for 2 × 2 (Yates 1934) as in R's chisq.test(). Rows and columns without a case are left out. */
#ifndef STATS_METHOD_CONTINGENCY_H
#define STATS_METHOD_CONTINGENCY_H

#include "stats/method/method.h"

struct contingency {
    const double *counts; /* row after row, each finite and >= 0 */
    size_t rows, columns;
};

/* To be freed with margins_free(). */
struct margins {
    double *row, *column, total;
    size_t live_rows, live_columns; /* those that are not zero */
};
/* OUT_OF_RANGE, EMPTY (total 0), ONE_GROUP (fewer than two live rows or columns). */
enum method_reason margins_of(const struct contingency *table, struct margins *out);
void margins_free(struct margins *margins);

struct chi_square {
    double statistic, p, n;
    size_t df;
    bool has_yates; /* 2 × 2 only */
    double yates, yates_p;
    double smallest_expected;
    size_t small_expected; /* cells with fewer than 5 expected: above 0 the p is not to be trusted; see permutation.h */
};
enum method_reason chi_square(const struct contingency *table, struct chi_square *out);

/* Sum of (observed - expected)^2 / expected for given margins. */
double chi_square_statistic(const struct contingency *table, const struct margins *margins);

/* Adjusted standardised residual of a cell (Haberman 1973): standard normal if rows and columns are independent. */
struct residual {
    double expected, adjusted, p;
};
/* ONE_GROUP for a cell whose row or column is empty or holds everything. */
enum method_reason residual_at(const struct contingency *table, const struct margins *margins, size_t row,
                               size_t column, struct residual *out);

#endif
