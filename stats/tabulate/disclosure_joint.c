#include "stats/tabulate/disclosure_joint.h"

#include <stdlib.h>

#include "core/mem.h"
#include "stats/protect/lift.h"

/* Of each sum its amounts, and what is left of them to the greatest amount that a case may have. The parts of sum s are PARTS * s and the next. */
enum { AMOUNT, LEFT, PARTS };

/* Amounts are taken in parts of the greatest that a case has, rounded up: what matters is whether there can be any, and linear programs over cases
 * and amounts of very different sizes are slow and imprecise. No reader knows the greatest: some may well be ROOM times as great. */
enum { FINENESS = 100, ROOM = 4 };

struct joining {
    struct disclosure *d;
    size_t sum_count; /* of those that are left */
    struct lift_part parts[TABULATE_MAX_SUMS * PARTS];
    struct lift_sum together[TABULATE_MAX_SUMS];
    int64_t *amounts;         /* per part and contribution */
    struct lift_cell *states; /* per sum and cell */
    bool *reached;            /* per unknown of the counts: there may be cases */
};

/* ---- parts ---- */

/* Readers know the counts, whatever becomes of the sums. */
static void fix_counts(struct disclosure *d)
{
    for (size_t c = 0; c < d->counts.problem.cell_count; c++)
        d->counts.problem.cells[c].state = d->counts.result.withheld[c] ? PROTECT_UNAVAILABLE : PROTECT_PUBLISHED;
}

/* The greatest amount of a case; each contribution is at least one. */
static int64_t find_greatest(const struct protect_problem *cases, const int64_t *amounts)
{
    int64_t greatest = 1;
    for (size_t i = 0; i < cases->contribution_count; i++) {
        int64_t of_case = (amounts[i] + cases->contributions[i].cases - 1) / cases->contributions[i].cases;
        greatest = of_case > greatest ? of_case : greatest;
    }
    return greatest;
}

/* Returns the greatest amount that a case may have, in the units of the others. */
static int64_t find_amounts(const struct joining *joining, size_t sum, int64_t *amounts, int64_t *left)
{
    const struct protect_problem *cases = &joining->d->counts.problem, *values = &joining->d->sums[sum].problem;
    for (size_t i = 0; i < cases->contribution_count; i++)
        amounts[i] = values->contributions[i].cases;
    const int64_t unit = (find_greatest(cases, amounts) + FINENESS - 1) / FINENESS;
    for (size_t i = 0; i < cases->contribution_count; i++)
        amounts[i] = amounts[i] / unit + (amounts[i] % unit != 0);
    const int64_t greatest = ROOM * find_greatest(cases, amounts);
    for (size_t i = 0; i < cases->contribution_count; i++)
        left[i] = greatest * cases->contributions[i].cases - amounts[i];
    return greatest;
}

static void add_sum(struct joining *joining, size_t sum)
{
    const struct disclosure_figure *figure = &joining->d->sums[sum];
    const size_t cells = figure->problem.cell_count, contributions = figure->problem.contribution_count;
    const int first = (int)(sum * PARTS);
    struct lift_cell *states = joining->states + sum * cells;
    int64_t *amounts = joining->amounts + (size_t)first * contributions;
    for (size_t c = 0; c < cells; c++)
        states[c] = (struct lift_cell) { figure->result.withheld[c] ? PROTECT_UNAVAILABLE : PROTECT_CANDIDATE, figure->problem.cells[c].rules };
    double greatest = (double)find_amounts(joining, sum, amounts, amounts + contributions);
    joining->parts[first + AMOUNT] = (struct lift_part) { .amounts = amounts, .cells = states, .tables = 1, .amount = true, .unjudged = true };
    joining->parts[first + LEFT] = (struct lift_part) { .amounts = amounts + contributions, .tables = 1, .amount = true, .unjudged = true };
    joining->together[sum] = (struct lift_sum) { { first + AMOUNT, first + LEFT, LIFT_CASES }, { 1, 1, -greatest }, 1 };
}

/* ---- together ---- */

static void take(struct joining *joining, const struct protect_problem *problem, const uint32_t *cell_of, struct protect_result *result)
{
    const size_t cells = joining->d->counts.problem.cell_count;
    for (size_t s = 0; s < joining->sum_count; s++)
        for (size_t c = 0; c < cells; c++) {
            uint32_t of = cell_of[s * PARTS * cells + c];
            if (problem->cells[of].state == PROTECT_CANDIDATE && result->withheld[of]) {
                joining->d->sums[s].result.withheld[c] |= result->withheld[of];
                joining->states[s * cells + c].state = PROTECT_UNAVAILABLE;
            }
        }
    joining->reached = result->reached;
    result->reached = NULL;
}

/* *safe: all of it was proved. */
static int try_sums(struct joining *joining, const struct protect_options *options, bool *safe, struct err *err)
{
    struct lift lift = { .base = &joining->d->counts.problem, .parts = joining->parts, .part_count = joining->sum_count * PARTS,
                         .sums = joining->together, .sum_count = joining->sum_count };
    struct protect_problem problem;
    struct protect_result result;
    problem_init(&problem);
    uint32_t *cell_of = lift_build(&lift, &problem);
    int code = protect_run(&problem, options, &result, err);
    *safe = !code && !result.report.dropped_tables && !result.report.members_lost;
    if (!code)
        joining->d->counts.result.report.iterations += result.report.iterations;
    if (*safe)
        take(joining, &problem, cell_of, &result);
    if (!code)
        protect_result_release(&result);
    free(cell_of);
    problem_release(&problem);
    return code;
}

static void withhold_sum(struct disclosure *d, size_t sum)
{
    for (size_t c = 0; c < d->sums[sum].problem.cell_count; c++)
        d->sums[sum].result.withheld[c] |= PROTECT_DROPPED;
}

/* ---- sums again ---- */

/* Where there can be no case there is no amount. */
static int judge_sum(struct joining *joining, size_t sum, const struct protect_options *options, struct err *err)
{
    struct disclosure_figure *figure = &joining->d->sums[sum];
    const size_t cells = figure->problem.cell_count;
    struct lift_part part = { .amounts = joining->amounts, .cells = joining->states + sum * cells, .tables = 1 };
    struct protect_problem problem;
    struct protect_result result;
    for (size_t i = 0; i < figure->problem.contribution_count; i++)
        joining->amounts[i] = figure->problem.contributions[i].cases;
    problem_init(&problem);
    lift_alone(&joining->d->counts.problem, &part, joining->reached, &problem);
    int code = protect_run(&problem, options, &result, err);
    if (!code) {
        if (result.report.dropped_tables)
            withhold_sum(joining->d, sum);
        for (size_t c = 0; c < cells; c++)
            if (!figure->result.withheld[c])
                figure->result.withheld[c] = result.withheld[c];
        figure->result.report.iterations += result.report.iterations;
        protect_result_release(&result);
    }
    problem_release(&problem);
    return code;
}

int disclosure_join(struct disclosure *d, const struct protect_options *counts, const struct protect_options *sums, struct err *err)
{
    struct joining joining = { .d = d, .sum_count = d->tabulation->sum_count };
    bool safe = false;
    int code = 0;
    joining.amounts = mem_zalloc(joining.sum_count * PARTS * d->counts.problem.contribution_count + 1, sizeof *joining.amounts);
    joining.states = mem_zalloc(joining.sum_count * d->counts.problem.cell_count + 1, sizeof *joining.states);
    fix_counts(d);
    for (size_t s = 0; s < joining.sum_count; s++)
        add_sum(&joining, s);
    while (!code && !safe && joining.sum_count) {
        code = try_sums(&joining, counts, &safe, err);
        if (!code && !safe)
            withhold_sum(d, --joining.sum_count);
    }
    for (size_t s = 0; !code && s < joining.sum_count; s++)
        code = judge_sum(&joining, s, sums, err);
    free(joining.amounts);
    free(joining.states);
    free(joining.reached);
    return code;
}
