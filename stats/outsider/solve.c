#include "stats/outsider/solve.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"

struct solving {
    struct solution *solution;
    const struct edition *edition;
    const struct publication *publication;
    const struct lattice *lattice;
    const struct solve_options *options;
    size_t *budget_iterations;
    size_t figure;
};

/* A count needs no closer look once it may be k or more and may be two different numbers. */
static bool count_settled(const void *context, uint32_t cell, double low, double high)
{
    const struct solving *solving = context;
    (void)cell;
    return !solving->options->all && high >= solving->options->k && low < high;
}

/* A sum, once it is known no more closely than the percentage. */
static bool sum_settled(const void *context, uint32_t cell, double low, double high)
{
    const struct solving *solving = context;
    (void)cell;
    return !solving->options->all && high - low >= solving->options->percent / 100 * fmax(fabs(low), fabs(high));
}

static void give_published(const struct solving *solving, struct bounds *bounds)
{
    const struct edition_figure *shown = &solving->edition->figures[solving->figure];
    for (uint32_t c = 0; c < bounds->count; c++) {
        if (!edition_shows(solving->edition, solving->figure, c))
            continue;
        bounds->low[c] = fmax(bounds->low[c], shown->low[c]);
        bounds->high[c] = fmin(bounds->high[c], shown->high[c]);
        bounds->given[c] = true;
    }
}

/* Of a cell that some table could show: at least one case where zeros would be shown. */
static void give_least(const struct solving *solving, struct bounds *bounds)
{
    for (uint32_t c = 0; c < bounds->count; c++)
        if (lattice_lists(solving->lattice, c, PUBLICATION_CASES) &&
            !edition_shows(solving->edition, PUBLICATION_CASES, c))
            bounds->low[c] = 1;
}

/* Contributors are no more than cases. */
static void give_cases(const struct solving *solving, struct bounds *bounds)
{
    const struct bounds *cases = &solving->solution->figures[PUBLICATION_CASES];
    for (uint32_t c = 0; c < bounds->count; c++) {
        bounds->high[c] = cases->high[c];
        bounds->given[c] = edition_shows(solving->edition, PUBLICATION_CASES, c);
    }
}

/* Nothing is where nothing can be. A figure that is shown there all the same is a contradiction, found later. */
static void give_impossible(const struct solving *solving, struct bounds *bounds)
{
    for (uint32_t c = 0; c < bounds->count; c++)
        if (solving->lattice->impossible[c])
            bounds->low[c] = bounds->high[c] = 0;
}

static double times(double factor, double number)
{
    return factor == 0 ? 0 : factor * number; /* also where the number is infinite */
}

static void give_range(const struct solving *solving, struct bounds *bounds)
{
    const struct publication_figure *figure = &solving->publication->figures[solving->figure];
    const struct bounds *n = &solving->solution->figures[figure->contributors];
    for (uint32_t c = 0; c < bounds->count; c++) {
        bounds->low[c] = times(figure->lowest, figure->lowest < 0 ? n->high[c] : n->low[c]);
        bounds->high[c] = times(figure->highest, figure->highest < 0 ? n->low[c] : n->high[c]);
        bounds->given[c] = edition_shows(solving->edition, figure->contributors, c);
    }
}

static void begin(const struct solving *solving, struct bounds *bounds)
{
    const struct publication_figure *figure = &solving->publication->figures[solving->figure];
    bounds_init(bounds, solving->lattice->cell_count, !figure->sum, figure->sum ? -INFINITY : 0, INFINITY);
    if (solving->edition->minus != EDITION_WHOLE)
        ; /* of what changed between two editions, only that it grew */
    else if (figure->sum && figure->bounded)
        give_range(solving, bounds);
    else if (!figure->sum && solving->figure != PUBLICATION_CASES)
        give_cases(solving, bounds);
    else if (solving->figure == PUBLICATION_CASES && solving->options->zeros_public)
        give_least(solving, bounds);
    give_impossible(solving, bounds);
    give_published(solving, bounds);
}

/* Absent cells that a row could show; of sums, only where few may have contributed. */
static bool *wanted_cells(const struct solving *solving)
{
    const struct publication_figure *figure = &solving->publication->figures[solving->figure];
    bool *wanted = mem_zalloc(solving->lattice->cell_count, sizeof *wanted);
    for (uint32_t c = 0; c < solving->lattice->cell_count; c++) {
        wanted[c] =
            lattice_lists(solving->lattice, c, solving->figure) && !edition_shows(solving->edition, solving->figure, c);
        if (figure->sum && solving->solution->figures[figure->contributors].low[c] >= solving->options->k)
            wanted[c] = false;
    }
    return wanted;
}

static enum solve_result solve_programs(struct solving *solving, struct bounds *bounds)
{
    bool *wanted = wanted_cells(solving);
    struct interval_question question = {
        .wanted = wanted,
        .settled = bounds->whole ? count_settled : sum_settled,
        .context = solving,
        .budget_iterations = solving->budget_iterations,
    };
    enum simplex_result result = interval_solve(bounds, solving->lattice, &question, &solving->solution->statistics);
    free(wanted);
    solving->solution->dimension = SOLVE_ANYWHERE;
    return result == SIMPLEX_OPTIMAL      ? SOLVE_DONE
           : result == SIMPLEX_INFEASIBLE ? SOLVE_CONTRADICTION
                                          : SOLVE_TOO_LARGE;
}

static bool shows_any(const struct solving *solving)
{
    for (uint32_t c = 0; c < solving->lattice->cell_count; c++)
        if (edition_shows(solving->edition, solving->figure, c))
            return true;
    return false;
}

static bool is_empty(const struct bounds *bounds, uint32_t cell)
{
    return bounds->low[cell] > bounds->high[cell];
}

static enum solve_result solve_figure(struct solving *solving)
{
    struct bounds *bounds = &solving->solution->figures[solving->figure];
    begin(solving, bounds);
    if (!shows_any(solving))
        return SOLVE_DONE;
    solving->solution->dimension = SOLVE_ANYWHERE;
    for (uint32_t c = 0; c < bounds->count; c++)
        if (is_empty(bounds, c))
            return SOLVE_CONTRADICTION;
    size_t wrong = bounds_propagate(bounds, solving->lattice);
    if (wrong != BOUNDS_CONSISTENT) {
        solving->solution->dimension = solving->lattice->equations[wrong].dimension;
        return SOLVE_CONTRADICTION;
    }
    return solve_programs(solving, bounds);
}

/* More contributors than cases are impossible: the least number of them is one of cases too. */
static void learn_from_contributors(const struct solving *solving)
{
    struct bounds *cases = &solving->solution->figures[PUBLICATION_CASES];
    for (size_t f = 1; f < solving->publication->figure_count; f++)
        for (uint32_t c = 0; c < cases->count && !solving->publication->figures[f].sum; c++)
            cases->low[c] = fmax(cases->low[c], solving->solution->figures[f].low[c]);
}

void solve_edition(struct solution *solution, const struct edition *edition, const struct publication *publication,
                   const struct lattice *lattice, const struct solve_options *options, size_t *budget_iterations)
{
    *solution = (struct solution){ .figure_count = publication->figure_count };
    solution->figures = mem_zalloc(solution->figure_count, sizeof *solution->figures);
    struct solving solving = { solution, edition, publication, lattice, options, budget_iterations, 0 };
    for (int sums = 0; sums <= 1; sums++) /* cases are figure 0; sums need their contributors first */
        for (solving.figure = 0; solving.figure < publication->figure_count; solving.figure++) {
            if (publication->figures[solving.figure].sum != sums || solution->result != SOLVE_DONE)
                continue;
            solution->result = solve_figure(&solving);
        }
    if (solution->result == SOLVE_DONE)
        learn_from_contributors(&solving);
}

void solution_release(struct solution *solution)
{
    for (size_t f = 0; f < solution->figure_count; f++)
        bounds_release(&solution->figures[f]);
    free(solution->figures);
    *solution = (struct solution){ 0 };
}
