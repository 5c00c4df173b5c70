#include "stats/protect/lp.h"

#include <glpk.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>

#include "core/err.h"
#include "core/mem.h"

/* GLPK aborts after its error hook returns, so the hook jumps out of it. */
static _Thread_local jmp_buf *way_out;

static void jump_out(void *info)
{
    (void)info;
    if (!way_out)
        BUG("glpk: error outside a solve");
    longjmp(*way_out, 1);
}

void lp_open(struct lp *lp)
{
    glp_term_out(GLP_OFF);
    glp_error_hook(jump_out, NULL);
    glp_prob *problem = glp_create_prob();
    glp_set_obj_dir(problem, GLP_MAX);
    *lp = (struct lp) { .problem = problem };
}

void lp_close(struct lp *lp)
{
    if (lp->problem)
        glp_delete_prob(lp->problem);
    free(lp->index);
    free(lp->coefficient);
    *lp = (struct lp) { 0 };
}

size_t lp_add_columns(struct lp *lp, size_t count)
{
    size_t first = (size_t)glp_get_num_cols(lp->problem);
    if (count)
        glp_add_cols(lp->problem, (int)count);
    return first;
}

static int bound_kind(double lower, double upper)
{
    if (isinf(lower))
        return isinf(upper) ? GLP_FR : GLP_UP;
    if (isinf(upper))
        return GLP_LO;
    return lower < upper ? GLP_DB : GLP_FX;
}

void lp_bound_column(struct lp *lp, size_t column, double lower, double upper)
{
    glp_set_col_bnds(lp->problem, (int)column + 1, bound_kind(lower, upper), lower, upper);
}

void lp_set_cost(struct lp *lp, size_t column, double cost)
{
    glp_set_obj_coef(lp->problem, (int)column + 1, cost);
}

void lp_begin_row(struct lp *lp)
{
    lp->count = 0;
}

void lp_add_entry(struct lp *lp, size_t column, double coefficient)
{
    if (lp->count + 1 >= lp->capacity) {
        lp->capacity = lp->capacity ? lp->capacity * 2 : 64;
        lp->index = mem_resize(lp->index, lp->capacity, sizeof *lp->index);
        lp->coefficient = mem_resize(lp->coefficient, lp->capacity, sizeof *lp->coefficient);
    }
    lp->count++;
    lp->index[lp->count] = (int)column + 1;
    lp->coefficient[lp->count] = coefficient;
}

void lp_end_row(struct lp *lp, double lower, double upper)
{
    int row = glp_add_rows(lp->problem, 1);
    glp_set_row_bnds(lp->problem, row, bound_kind(lower, upper), lower, upper);
    if (lp->count)
        glp_set_mat_row(lp->problem, row, (int)lp->count, lp->index, lp->coefficient);
}

void lp_begin_with(struct lp *lp, size_t column)
{
    glp_set_row_stat(lp->problem, glp_get_num_rows(lp->problem), GLP_NL);
    glp_set_col_stat(lp->problem, (int)column + 1, GLP_BS);
}

/* Frees them instead: the basis stays as it is. */
void lp_drop_last_row(struct lp *lp, size_t column)
{
    if (!lp->problem)
        return;
    glp_set_row_bnds(lp->problem, glp_get_num_rows(lp->problem), GLP_FR, 0, 0);
    glp_set_col_bnds(lp->problem, (int)column + 1, GLP_FR, 0, 0);
    glp_set_obj_coef(lp->problem, (int)column + 1, 0);
}

/* GLPK's status of the run, or -1 if it did not come to an end. */
static int run_simplex(glp_prob *problem, uint64_t limit)
{
    glp_smcp options;
    jmp_buf here;
    volatile int status = -1;
    glp_init_smcp(&options);
    options.msg_lev = GLP_MSG_OFF;
    options.meth = GLP_PRIMAL;
    options.it_lim = limit < INT_MAX ? (int)limit : INT_MAX;
    way_out = &here;
    if (setjmp(here))
        glp_free_env(); /* and with it the problem */
    else
        status = glp_simplex(problem, &options);
    way_out = NULL;
    return status;
}

static enum lp_result result_of(glp_prob *problem)
{
    switch (glp_get_status(problem)) {
    case GLP_OPT:
        return LP_OPTIMAL;
    case GLP_FEAS:
        return LP_FEASIBLE;
    case GLP_UNBND:
        return LP_UNBOUNDED;
    case GLP_NOFEAS:
        return LP_INFEASIBLE;
    default:
        return LP_FAILED;
    }
}

enum lp_result lp_maximise(struct lp *lp, uint64_t limit)
{
    if (!lp->problem)
        return LP_FAILED;
    for (int attempt = 0; attempt < 2; attempt++) {
        int before = glp_get_it_cnt(lp->problem);
        int status = run_simplex(lp->problem, limit);
        if (status == -1) {
            lp->problem = NULL;
            return LP_FAILED;
        }
        lp->iterations += (uint64_t)(glp_get_it_cnt(lp->problem) - before);
        if (status == 0 || status == GLP_EITLIM)
            return result_of(lp->problem);
        glp_std_basis(lp->problem); /* a basis that became singular: begin again */
    }
    return LP_FAILED;
}

double lp_value(const struct lp *lp, size_t column)
{
    return glp_get_col_prim(lp->problem, (int)column + 1);
}

double lp_objective(const struct lp *lp)
{
    return glp_get_obj_val(lp->problem);
}
