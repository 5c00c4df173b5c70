#include "stats/protect/plan.h"

#include <stdlib.h>
#include <string.h>

enum {
    SMALLEST_BLOCK = 20,  /* variables: below, nothing ever moves */
    SMALLEST_CROSS = 600, /* below, single cells do as well for less */
};

struct plan_list {
    struct plan *plans;
    size_t count, capacity;
};

static void add(struct plan_list *list, uint32_t first, uint32_t second, uint32_t focus, size_t size)
{
    MEM_GROW(list->plans, list->count, list->capacity);
    list->plans[list->count++] = (struct plan) { { first, second }, focus, size };
}

static int compare(const void *left, const void *right)
{
    const struct plan *a = left, *b = right;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return a->focus < b->focus ? -1 : a->focus > b->focus;
}

/* The blocks of all figures of the same inner cells are one. */
static bool is_first_layer(const struct protect_problem *problem, uint32_t cell)
{
    struct protect_view view = problem_view(problem, problem->cells[cell].row);
    return !problem->layer_size || (view.count && view.members[0] < problem->layer_size);
}

/* Distinct variables below each cell. */
static size_t *measure_cells(const struct system *system)
{
    const struct protect_problem *problem = system->problem;
    size_t *sizes = mem_zalloc(problem->cell_count, sizeof *sizes);
    uint32_t *stamp = mem_alloc((system->variable_count + 1) * sizeof *stamp);
    memset(stamp, 0xff, (system->variable_count + 1) * sizeof *stamp);
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        struct protect_view view = problem_view(problem, problem->cells[c].row);
        for (size_t i = 0; i < view.count; i++) {
            uint32_t v = system->variable_of[view.members[i]];
            if (v == PROTECT_NONE || stamp[v] == c)
                continue;
            stamp[v] = c;
            sizes[c]++;
        }
    }
    free(stamp);
    return sizes;
}

static void plan_cells(struct plan_list *list, const struct protect_problem *problem, const size_t *sizes, size_t limit)
{
    for (uint32_t c = 0; c < problem->cell_count; c++)
        if (is_first_layer(problem, c) && sizes[c] >= SMALLEST_BLOCK && sizes[c] <= limit)
            add(list, c, c, c, sizes[c]);
}

/* Notes up to two parents of each cell. */
static uint32_t (*find_parents(const struct protect_problem *problem))[2]
{
    uint32_t(*parents)[2] = mem_alloc((problem->cell_count + 1) * sizeof *parents);
    memset(parents, 0xff, (problem->cell_count + 1) * sizeof *parents);
    for (size_t f = 0; f < problem->family_count; f++) {
        const struct protect_family *family = &problem->families[f];
        for (size_t i = 0; i < family->count; i++) {
            uint32_t *of = parents[problem->child[family->first + i]];
            of[of[0] == PROTECT_NONE ? 0 : 1] = family->parent;
        }
    }
    return parents;
}

static void plan_crosses(struct plan_list *list, const struct protect_problem *problem, const size_t *sizes, size_t limit)
{
    uint32_t(*parents)[2] = find_parents(problem);
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        if (!is_first_layer(problem, c) || sizes[c] < SMALLEST_BLOCK || parents[c][1] == PROTECT_NONE)
            continue;
        size_t size = sizes[parents[c][0]] + sizes[parents[c][1]] - sizes[c];
        if (size >= SMALLEST_CROSS && size <= limit)
            add(list, parents[c][0], parents[c][1], c, size);
    }
    free(parents);
}

struct plan *plan_blocks(const struct system *system, size_t *count)
{
    struct plan_list list = { 0 };
    size_t *sizes = measure_cells(system);
    size_t limit = system->variable_count / 3;
    plan_cells(&list, system->problem, sizes, limit);
    plan_crosses(&list, system->problem, sizes, 2 * limit);
    if (list.count)
        qsort(list.plans, list.count, sizeof *list.plans, compare);
    free(sizes);
    *count = list.count;
    return list.plans;
}
