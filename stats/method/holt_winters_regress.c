#include "stats/method/holt_winters_regress.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "core/mem.h"

/* errors(x) = errors(0) + design x for start values x: a column of the design is the run of one unit start value over
 * a series of zeros with the same gaps. */
struct holt_winters_regress {
    const struct series *series;
    double *zeros;               /* 0, NAN where the series has a gap */
    size_t present, starts;      /* start values: level, trend, all seasons but the last, which makes their sum 0 */
    gsl_matrix *design, *normal; /* n × starts; its cross product, then the Cholesky factor */
    gsl_vector *errors, *x;
    struct holt_winters_state *unit_end, zero_end; /* states after those runs */
    struct holt_winters_parameters parameters;
};

static void *checked(void *memory)
{
    if (!memory)
        mem_fail();
    return memory;
}

struct holt_winters_regress *holt_winters_regress_new(const struct series *series)
{
    struct holt_winters_regress *regress = mem_zalloc(1, sizeof *regress);
    regress->series = series;
    regress->starts = series->season > 1 ? series->season + 1 : 2;
    regress->zeros = mem_zalloc(series->n, sizeof *regress->zeros);
    for (size_t i = 0; i < series->n; i++) {
        bool gap = isnan(series->values[i]);
        regress->zeros[i] = gap ? NAN : 0;
        regress->present += gap ? 0 : 1;
    }
    regress->design = checked(gsl_matrix_alloc(series->n, regress->starts));
    regress->normal = checked(gsl_matrix_alloc(regress->starts, regress->starts));
    regress->errors = checked(gsl_vector_alloc(series->n));
    regress->x = checked(gsl_vector_alloc(regress->starts));
    regress->unit_end = mem_zalloc(regress->starts, sizeof *regress->unit_end);
    return regress;
}

void holt_winters_regress_free(struct holt_winters_regress *regress)
{
    if (!regress)
        return;
    free(regress->zeros);
    free(regress->unit_end);
    gsl_matrix_free(regress->design);
    gsl_matrix_free(regress->normal);
    gsl_vector_free(regress->errors);
    gsl_vector_free(regress->x);
    free(regress);
}

size_t holt_winters_regress_degrees(const struct holt_winters_regress *regress)
{
    return regress->present - regress->starts;
}

static struct holt_winters_state unit_state(size_t j, size_t season)
{
    struct holt_winters_state state = { 0 };
    if (j == 0)
        state.level = 1;
    else if (j == 1)
        state.trend = 1;
    else {
        state.seasonal[j - 2] = 1;
        state.seasonal[season - 1] = -1;
    }
    return state;
}

static void fill_design(struct holt_winters_regress *regress)
{
    struct series zeros = { regress->zeros, regress->series->n, regress->series->season };
    double *errors = mem_zalloc(zeros.n, sizeof *errors);
    for (size_t j = 0; j < regress->starts; j++) {
        regress->unit_end[j] = unit_state(j, zeros.season);
        holt_winters_filter(&zeros, &regress->parameters, &regress->unit_end[j], errors);
        for (size_t i = 0; i < zeros.n; i++)
            gsl_matrix_set(regress->design, i, j, errors[i]);
    }
    free(errors);
}

/* A trace of ridge keeps the factor of a nearly singular matrix finite. */
static int factorise(struct holt_winters_regress *regress)
{
    gsl_blas_dsyrk(CblasLower, CblasTrans, 1, regress->design, 0, regress->normal);
    gsl_vector_view diagonal = gsl_matrix_diagonal(regress->normal);
    gsl_vector_scale(&diagonal.vector, 1 + 1e-12);
    return gsl_linalg_cholesky_decomp1(regress->normal);
}

static double log_likelihood(const struct holt_winters_regress *regress, double squares)
{
    double determinant = 0;
    for (size_t j = 0; j < regress->starts; j++)
        determinant += log(gsl_matrix_get(regress->normal, j, j));
    return -determinant - (double)holt_winters_regress_degrees(regress) / 2 * log(squares);
}

bool holt_winters_regress_solve(struct holt_winters_regress *regress, struct holt_winters_parameters parameters,
                                struct holt_winters_solution *solution)
{
    regress->parameters = parameters;
    regress->zero_end = (struct holt_winters_state){ 0 };
    holt_winters_filter(regress->series, &parameters, &regress->zero_end, regress->errors->data);
    fill_design(regress);
    if (factorise(regress))
        return false;
    gsl_blas_dgemv(CblasTrans, -1, regress->design, regress->errors, 0, regress->x);
    gsl_linalg_cholesky_svx(regress->normal, regress->x);
    gsl_blas_dgemv(CblasNoTrans, 1, regress->design, regress->x, 1, regress->errors);
    double norm = gsl_blas_dnrm2(regress->errors), likelihood = log_likelihood(regress, norm * norm);
    if (!isfinite(norm) || !isfinite(likelihood))
        return false;
    *solution = (struct holt_winters_solution){ parameters, norm * norm, likelihood };
    return true;
}

/* The expectation of period h: that of start values 0 plus what each start value adds. */
static double mean_at(const struct holt_winters_regress *regress, size_t h)
{
    double phi = regress->parameters.phi;
    size_t season = regress->series->season;
    double mean = holt_winters_expected(&regress->zero_end, phi, season, h);
    for (size_t j = 0; j < regress->starts; j++)
        mean += gsl_vector_get(regress->x, j) * holt_winters_expected(&regress->unit_end[j], phi, season, h);
    return mean;
}

/* Variance that the error of the start values adds to period h: g' (D'D)^-1 g. */
static double start_variance(const struct holt_winters_regress *regress, size_t h)
{
    double phi = regress->parameters.phi;
    gsl_vector *g = checked(gsl_vector_alloc(regress->starts));
    for (size_t j = 0; j < regress->starts; j++)
        gsl_vector_set(g, j, holt_winters_expected(&regress->unit_end[j], phi, regress->series->season, h));
    gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, regress->normal, g);
    double norm = gsl_blas_dnrm2(g);
    gsl_vector_free(g);
    return norm * norm;
}

void holt_winters_regress_forecast(const struct holt_winters_regress *regress, size_t horizon, double *means,
                                   double *variances)
{
    const struct holt_winters_parameters *p = &regress->parameters;
    size_t season = regress->series->season;
    double damping = 0, power = 1, innovations = 1;
    for (size_t h = 1; h <= horizon; h++) {
        means[h - 1] = mean_at(regress, h);
        variances[h - 1] = innovations + start_variance(regress, h);
        power *= p->phi;
        damping += power;
        double weight = p->alpha * (1 + p->beta * damping);
        if (season > 1 && h % season == 0)
            weight += p->gamma * (1 - p->alpha);
        innovations += weight * weight;
    }
}
