#include "stats/outsider/simplex.h"

#include <glpk.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>

#include "core/mem.h"

struct simplex {
    glp_prob *problem;
    double *solution;
    size_t column_count;
    bool broken; /* GLPK's environment was torn down: `problem` is gone */
};

static jmp_buf escape;

static void on_error(void *unused)
{
    (void)unused;
    longjmp(escape, 1);
}

/* GLPK prints the place of an error even when its output is off. */
static int say_nothing(void *unused, const char *text)
{
    (void)unused;
    (void)text;
    return 1;
}

static int kind(double low, double high)
{
    if (isinf(low) && isinf(high))
        return GLP_FR;
    if (isinf(high))
        return GLP_LO;
    if (isinf(low))
        return GLP_UP;
    return low == high ? GLP_FX : GLP_DB;
}

static void load_row(glp_prob *problem, const struct simplex_shape *shape, size_t row, int *indexes, double *values)
{
    int count = (int)shape->count[row];
    for (int i = 0; i < count; i++) {
        indexes[i + 1] = (int)shape->columns[shape->first[row] + (size_t)i] + 1;
        values[i + 1] = shape->coefficients[shape->first[row] + (size_t)i];
    }
    glp_set_mat_row(problem, (int)row + 1, count, indexes, values);
    glp_set_row_bnds(problem, (int)row + 1, kind(shape->row_low[row], shape->row_high[row]), shape->row_low[row],
                     shape->row_high[row]);
}

static void load(glp_prob *problem, const struct simplex_shape *shape, int *indexes, double *values)
{
    if (shape->row_count)
        glp_add_rows(problem, (int)shape->row_count);
    glp_add_cols(problem, (int)shape->column_count);
    for (size_t r = 0; r < shape->row_count; r++)
        load_row(problem, shape, r, indexes, values);
    for (size_t c = 0; c < shape->column_count; c++)
        glp_set_col_bnds(problem, (int)c + 1, kind(shape->column_low[c], shape->column_high[c]), shape->column_low[c],
                         shape->column_high[c]);
    glp_adv_basis(problem, 0);
}

/* Runs load() under the error hook. */
static bool load_guarded(struct simplex *simplex, const struct simplex_shape *shape, int *indexes, double *values)
{
    if (setjmp(escape)) {
        glp_free_env();
        return false;
    }
    glp_term_hook(say_nothing, NULL);
    glp_error_hook(on_error, NULL);
    simplex->problem = glp_create_prob();
    load(simplex->problem, shape, indexes, values);
    glp_error_hook(NULL, NULL);
    return true;
}

struct simplex *simplex_open(const struct simplex_shape *shape)
{
    if (shape->row_count >= INT_MAX || shape->column_count >= INT_MAX)
        return NULL;
    struct simplex *simplex = mem_zalloc(1, sizeof *simplex);
    simplex->column_count = shape->column_count;
    simplex->solution = mem_zalloc(shape->column_count, sizeof *simplex->solution);
    size_t widest = 0;
    for (size_t r = 0; r < shape->row_count; r++)
        widest = shape->count[r] > widest ? shape->count[r] : widest;
    int *indexes = mem_zalloc(widest + 1, sizeof *indexes);
    double *values = mem_zalloc(widest + 1, sizeof *values);
    simplex->broken = !load_guarded(simplex, shape, indexes, values);
    free(indexes);
    free(values);
    if (!simplex->broken)
        return simplex;
    simplex_free(simplex);
    return NULL;
}

void simplex_free(struct simplex *simplex)
{
    if (!simplex)
        return;
    if (!simplex->broken)
        glp_delete_prob(simplex->problem);
    free(simplex->solution);
    free(simplex);
}

void simplex_set_objective(struct simplex *simplex, uint32_t column, double coefficient)
{
    if (!simplex->broken)
        glp_set_obj_coef(simplex->problem, (int)column + 1, coefficient);
}

/* Primal, as a change of the objective leaves the basis feasible. */
static int run_guarded(struct simplex *simplex, const glp_smcp *options)
{
    if (setjmp(escape)) {
        glp_free_env();
        simplex->broken = true;
        return GLP_EFAIL;
    }
    glp_error_hook(on_error, NULL);
    int code = glp_simplex(simplex->problem, options);
    glp_error_hook(NULL, NULL);
    return code;
}

static enum simplex_result run(struct simplex *simplex, size_t *budget_iterations)
{
    glp_smcp options;
    glp_init_smcp(&options);
    options.msg_lev = GLP_MSG_OFF;
    options.meth = GLP_PRIMAL;
    options.it_lim = *budget_iterations < INT_MAX ? (int)*budget_iterations : INT_MAX;
    int before = glp_get_it_cnt(simplex->problem);
    int code = run_guarded(simplex, &options);
    if (simplex->broken)
        return SIMPLEX_FAILED;
    size_t used = (size_t)(glp_get_it_cnt(simplex->problem) - before) + 1;
    *budget_iterations -= used < *budget_iterations ? used : *budget_iterations;
    if (code == GLP_EITLIM)
        return SIMPLEX_BUDGET;
    if (code)
        return SIMPLEX_FAILED;
    switch (glp_get_status(simplex->problem)) {
    case GLP_OPT:
        return SIMPLEX_OPTIMAL;
    case GLP_UNBND:
        return SIMPLEX_UNBOUNDED;
    case GLP_NOFEAS:
    case GLP_INFEAS:
        return SIMPLEX_INFEASIBLE;
    default:
        return SIMPLEX_FAILED;
    }
}

enum simplex_result simplex_solve(struct simplex *simplex, bool greatest, size_t *budget_iterations, double *value)
{
    if (simplex->broken)
        return SIMPLEX_FAILED;
    if (*budget_iterations == 0)
        return SIMPLEX_BUDGET;
    glp_set_obj_dir(simplex->problem, greatest ? GLP_MAX : GLP_MIN);
    enum simplex_result result = run(simplex, budget_iterations);
    if (result == SIMPLEX_FAILED && !simplex->broken) { /* a basis gone singular: once more from a fresh one */
        glp_std_basis(simplex->problem);
        result = run(simplex, budget_iterations);
    }
    if (result != SIMPLEX_OPTIMAL)
        return result;
    *value = glp_get_obj_val(simplex->problem);
    for (size_t c = 0; c < simplex->column_count; c++)
        simplex->solution[c] = glp_get_col_prim(simplex->problem, (int)c + 1);
    return result;
}

double simplex_column(const struct simplex *simplex, uint32_t column)
{
    return simplex->solution[column];
}
