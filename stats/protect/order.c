#include "stats/protect/order.h"

#include <stdlib.h>

struct candidate {
    int rank;
    double importance;
    int64_t cases;
    bool before;
    double neighbourhood;
    uint32_t cell;
};

/* Per cell: sum over its unknowns of the cases of all cells that hold the unknown. */
static double *measure_neighbourhoods(const struct protect_problem *problem)
{
    double *weight = mem_zalloc(problem->unknown_count, sizeof *weight);
    double *sum = mem_zalloc(problem->cell_count, sizeof *sum);
    for (size_t c = 0; c < problem->cell_count; c++) {
        struct protect_view view = problem_view(problem, problem->cells[c].row);
        double cases = (double)problem_cases(problem, problem->cells[c].row);
        for (size_t i = 0; i < view.count; i++)
            weight[view.members[i]] += cases;
    }
    for (size_t c = 0; c < problem->cell_count; c++) {
        struct protect_view view = problem_view(problem, problem->cells[c].row);
        for (size_t i = 0; i < view.count; i++)
            sum[c] += problem->unknowns[view.members[i]].cases ? weight[view.members[i]] : 0;
    }
    free(weight);
    return sum;
}

static int rank_of(enum protect_state state)
{
    return state == PROTECT_PUBLISHED ? 0 : state == PROTECT_FORCED ? 1 : 2;
}

static int compare(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->importance < b->importance || a->importance > b->importance)
        return a->importance > b->importance ? -1 : 1;
    if (a->cases != b->cases)
        return a->cases > b->cases ? -1 : 1;
    if (a->before != b->before)
        return a->before ? -1 : 1;
    if (a->neighbourhood < b->neighbourhood || a->neighbourhood > b->neighbourhood)
        return a->neighbourhood > b->neighbourhood ? -1 : 1;
    return a->cell < b->cell ? -1 : a->cell > b->cell;
}

size_t order_candidates(const struct protect_problem *problem, const unsigned *withheld, uint32_t *order)
{
    double *neighbourhood = measure_neighbourhoods(problem);
    struct candidate *candidates = mem_zalloc(problem->cell_count, sizeof *candidates);
    size_t count = 0;
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        const struct protect_cell *cell = &problem->cells[c];
        if (withheld[c])
            continue;
        candidates[count++] = (struct candidate) { .rank = rank_of(cell->state),
            .importance = cell->importance,
            .cases = problem_cases(problem, cell->row),
            .before = cell->published_before,
            .neighbourhood = neighbourhood[c],
            .cell = c };
    }
    qsort(candidates, count, sizeof *candidates, compare);
    for (size_t i = 0; i < count; i++)
        order[i] = candidates[i].cell;
    free(candidates);
    free(neighbourhood);
    return count;
}
