#include "stats/method/mantel_haenszel.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_linalg.h>

#include "core/mem.h"

/* Sums over the strata of observed less expected, and of the covariances, of all cells but the last live row and column. */
struct sums {
    size_t rows, columns;       /* live over all strata, less one */
    const size_t *row, *column; /* their places in the tables */
    gsl_vector *difference;
    gsl_matrix *covariance;
};

static size_t place(const struct sums *sums, size_t i, size_t j)
{
    return i * sums->columns + j;
}

/* Hypergeometric covariance of two cells of a stratum. */
static double covariance(const struct margins *m, const size_t a[2], const size_t b[2])
{
    double n = m->total;
    double row = m->row[a[0]] * ((a[0] == b[0] ? n : 0) - m->row[b[0]]);
    double column = m->column[a[1]] * ((a[1] == b[1] ? n : 0) - m->column[b[1]]);
    return row * column / (n * n * (n - 1));
}

static void add_cell(struct sums *sums, const struct margins *margins, size_t i, size_t j)
{
    size_t cell[2] = { sums->row[i], sums->column[j] };
    for (size_t k = 0; k < sums->rows; k++) {
        for (size_t l = 0; l < sums->columns; l++) {
            size_t other[2] = { sums->row[k], sums->column[l] };
            *gsl_matrix_ptr(sums->covariance, place(sums, i, j), place(sums, k, l)) += covariance(margins, cell, other);
        }
    }
}

static void add_stratum(struct sums *sums, const struct contingency *table, const struct margins *margins)
{
    for (size_t i = 0; i < sums->rows; i++) {
        for (size_t j = 0; j < sums->columns; j++) {
            size_t row = sums->row[i], column = sums->column[j];
            double expected = margins->row[row] * margins->column[column] / margins->total;
            *gsl_vector_ptr(sums->difference, place(sums, i, j)) +=
                table->counts[row * table->columns + column] - expected;
            add_cell(sums, margins, i, j);
        }
    }
}

/* difference' covariance^-1 difference; NAN where the covariance is singular. */
static double quadratic_form(struct sums *sums)
{
    double result = NAN;
    if (gsl_linalg_cholesky_decomp1(sums->covariance) == 0) {
        gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, sums->covariance, sums->difference);
        double norm = gsl_blas_dnrm2(sums->difference);
        result = norm * norm;
    }
    return result;
}

/* The sum of all strata: its margins say which rows and columns are live. */
static double *pooled_counts(const struct contingency *strata, size_t count)
{
    size_t cells = strata[0].rows * strata[0].columns;
    double *pooled = mem_zalloc(cells, sizeof *pooled);
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < cells; i++)
            pooled[i] += strata[s].counts[i] < 0 ? NAN : strata[s].counts[i];
    return pooled;
}

static size_t *live_places(const double *margin, size_t n)
{
    size_t *places = mem_zalloc(n, sizeof *places), found = 0;
    for (size_t i = 0; i < n; i++)
        if (margin[i] > 0)
            places[found++] = i;
    return places;
}

static bool stratum_margins(const struct contingency *table, struct margins *margins)
{
    if (margins_of(table, margins) != METHOD_OK)
        return false;
    if (margins->total > 1)
        return true;
    margins_free(margins);
    return false;
}

/* The statistic over all strata; NAN where nothing can be compared. */
static double statistic(const struct contingency *strata, size_t count, const struct margins *pooled)
{
    size_t *row = live_places(pooled->row, strata[0].rows), *column = live_places(pooled->column, strata[0].columns);
    struct sums sums = { pooled->live_rows - 1, pooled->live_columns - 1, row, column, NULL, NULL };
    size_t df = sums.rows * sums.columns;
    sums.difference = gsl_vector_calloc(df);
    sums.covariance = gsl_matrix_calloc(df, df);
    if (!sums.difference || !sums.covariance)
        mem_fail();
    for (size_t s = 0; s < count; s++) {
        struct margins margins;
        if (!stratum_margins(&strata[s], &margins))
            continue;
        add_stratum(&sums, &strata[s], &margins);
        margins_free(&margins);
    }
    double result = quadratic_form(&sums);
    gsl_vector_free(sums.difference);
    gsl_matrix_free(sums.covariance);
    free(row);
    free(column);
    return result;
}

static void add_odds_ratio(const struct contingency *strata, size_t count, struct mantel_haenszel *out)
{
    double up = 0, down = 0;
    for (size_t s = 0; s < count; s++) {
        const double *c = strata[s].counts;
        double n = c[0] + c[1] + c[2] + c[3];
        if (n <= 1)
            continue;
        up += c[0] * c[3] / n;
        down += c[1] * c[2] / n;
    }
    out->has_odds_ratio = up > 0 && down > 0;
    out->odds_ratio = out->has_odds_ratio ? up / down : 0;
}

enum method_reason mantel_haenszel(const struct contingency *strata, size_t count, struct mantel_haenszel *out)
{
    if (count == 0)
        return METHOD_EMPTY;
    double *counts = pooled_counts(strata, count);
    struct contingency pooled = { counts, strata[0].rows, strata[0].columns };
    struct margins margins;
    enum method_reason reason = margins_of(&pooled, &margins);
    if (reason != METHOD_OK) {
        free(counts);
        return reason;
    }
    struct mantel_haenszel test = { .df = (margins.live_rows - 1) * (margins.live_columns - 1) };
    test.statistic = statistic(strata, count, &margins);
    margins_free(&margins);
    free(counts);
    if (!isfinite(test.statistic))
        return METHOD_ONE_GROUP;
    test.p = gsl_cdf_chisq_Q(test.statistic, (double)test.df);
    if (strata[0].rows == 2 && strata[0].columns == 2)
        add_odds_ratio(strata, count, &test);
    *out = test;
    return METHOD_OK;
}
