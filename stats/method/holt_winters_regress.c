#include "stats/method/holt_winters_regress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* errors(x) = errors(0) + design x for start values x. Column 0 of a run is errors(0), the others are the design: each the run
 * of one unit start value over zeros. */
struct holt_winters_regress {
    const struct series *series;
    size_t present, starts;        /* start values: level, trend, all seasons but the last, which makes their sum 0 */
    double *errors;                /* n × (1 + starts) */
    double *factor;                /* starts × starts: lower Cholesky factor of design' design */
    double *x;                     /* the start values found */
    struct holt_winters_state end; /* of the run */
    struct holt_winters_parameters parameters;
};

struct holt_winters_regress *holt_winters_regress_new(const struct series *series)
{
    struct holt_winters_regress *regress = mem_zalloc(1, sizeof *regress);
    regress->series = series;
    regress->starts = series->season > 1 ? series->season + 1 : 2;
    regress->present = series_present(series);
    holt_winters_state_init(&regress->end, 1 + regress->starts, series->season);
    regress->errors = mem_zalloc(series->n * (1 + regress->starts), sizeof *regress->errors);
    regress->factor = mem_zalloc(regress->starts * regress->starts, sizeof *regress->factor);
    regress->x = mem_zalloc(regress->starts, sizeof *regress->x);
    return regress;
}

void holt_winters_regress_free(struct holt_winters_regress *regress)
{
    if (!regress)
        return;
    holt_winters_state_clear(&regress->end);
    free(regress->errors);
    free(regress->factor);
    free(regress->x);
    free(regress);
}

size_t holt_winters_regress_degrees(const struct holt_winters_regress *regress)
{
    return regress->present - regress->starts;
}

static void set_unit_starts(struct holt_winters_state *state)
{
    holt_winters_state_zero(state);
    state->level[1] = 1;
    state->trend[2] = 1;
    for (size_t column = 3; column < state->columns; column++) {
        state->seasonal[(column - 3) * state->columns + column] = 1;
        state->seasonal[(state->season - 1) * state->columns + column] = -1;
    }
}

/* design' design into the lower triangle of `factor`, -design' errors(0) into x. */
static void cross_products(struct holt_winters_regress *regress)
{
    size_t k = regress->starts;
    memset(regress->factor, 0, k * k * sizeof *regress->factor);
    memset(regress->x, 0, k * sizeof *regress->x);
    const double *row = regress->errors;
    for (size_t i = 0; i < regress->series->n; i++, row += 1 + k) {
        for (size_t a = 0; a < k; a++) {
            double weight = row[1 + a];
            regress->x[a] -= weight * row[0];
            for (size_t b = 0; b <= a; b++)
                regress->factor[a * k + b] += weight * row[1 + b];
        }
    }
}

/* Cholesky factor in place; false where the matrix is not positive. */
static bool factorise(double *matrix, size_t k)
{
    for (size_t a = 0; a < k; a++) {
        for (size_t b = 0; b <= a; b++) {
            double rest = matrix[a * k + b];
            for (size_t c = 0; c < b; c++)
                rest -= matrix[a * k + c] * matrix[b * k + c];
            if (a == b && !(rest > 0))
                return false;
            matrix[a * k + b] = a == b ? sqrt(rest) : rest / matrix[b * k + b];
        }
    }
    return true;
}

static void solve_lower(const double *factor, size_t k, double *x)
{
    for (size_t a = 0; a < k; a++) {
        for (size_t b = 0; b < a; b++)
            x[a] -= factor[a * k + b] * x[b];
        x[a] /= factor[a * k + a];
    }
}

static void solve_upper(const double *factor, size_t k, double *x)
{
    for (size_t a = k; a-- > 0;) {
        for (size_t b = a + 1; b < k; b++)
            x[a] -= factor[b * k + a] * x[b];
        x[a] /= factor[a * k + a];
    }
}

static double squares_left(const struct holt_winters_regress *regress)
{
    const double *row = regress->errors;
    double squares = 0;
    for (size_t i = 0; i < regress->series->n; i++, row += 1 + regress->starts) {
        double error = row[0];
        for (size_t a = 0; a < regress->starts; a++)
            error += row[1 + a] * regress->x[a];
        squares += error * error;
    }
    return squares;
}

static double log_likelihood(const struct holt_winters_regress *regress, double squares)
{
    double determinant = 0;
    for (size_t a = 0; a < regress->starts; a++)
        determinant += log(regress->factor[a * regress->starts + a]);
    return -determinant - (double)holt_winters_regress_degrees(regress) / 2 * log(squares);
}

bool holt_winters_regress_solve(struct holt_winters_regress *regress, struct holt_winters_parameters parameters,
                                struct holt_winters_solution *solution)
{
    regress->parameters = parameters;
    set_unit_starts(&regress->end);
    holt_winters_filter(regress->series, &parameters, &regress->end, regress->errors);
    cross_products(regress);
    if (!factorise(regress->factor, regress->starts))
        return false;
    solve_lower(regress->factor, regress->starts, regress->x);
    solve_upper(regress->factor, regress->starts, regress->x);
    double squares = squares_left(regress), likelihood = log_likelihood(regress, squares);
    if (!isfinite(squares) || !isfinite(likelihood))
        return false;
    *solution = (struct holt_winters_solution){ parameters, squares, likelihood };
    return true;
}

/* The expectation of period h: that of start values 0 plus what each start value adds. */
static double mean_at(const struct holt_winters_regress *regress, size_t h, double damping)
{
    double mean = holt_winters_expected(&regress->end, 0, h, damping);
    for (size_t a = 0; a < regress->starts; a++)
        mean += regress->x[a] * holt_winters_expected(&regress->end, 1 + a, h, damping);
    return mean;
}

/* Variance that the error of the start values adds to period h: g' (D'D)^-1 g. `g` is room for a value per start. */
static double start_variance(const struct holt_winters_regress *regress, size_t h, double damping, double *g)
{
    double sum = 0;
    for (size_t a = 0; a < regress->starts; a++)
        g[a] = holt_winters_expected(&regress->end, 1 + a, h, damping);
    solve_lower(regress->factor, regress->starts, g);
    for (size_t a = 0; a < regress->starts; a++)
        sum += g[a] * g[a];
    return sum;
}

void holt_winters_regress_forecast(const struct holt_winters_regress *regress, size_t horizon, double *means,
                                   double *variances)
{
    const struct holt_winters_parameters *p = &regress->parameters;
    double damping = 0, power = 1, innovations = 1;
    double *g = mem_zalloc(regress->starts, sizeof *g);
    for (size_t h = 1; h <= horizon; h++) {
        power *= p->phi;
        damping += power;
        means[h - 1] = mean_at(regress, h, damping);
        variances[h - 1] = innovations + start_variance(regress, h, damping, g);
        double weight = p->alpha * (1 + p->beta * damping);
        if (regress->end.season > 1 && h % regress->end.season == 0)
            weight += p->gamma * (1 - p->alpha);
        innovations += weight * weight;
    }
    free(g);
}
