#include "stats/protection_links.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { DIMENSIONS_MAX = 64 };

/* ---- the tree ---- */

static uint64_t dimension_set(const struct protection_table *table)
{
    uint64_t set = 0;
    for (size_t d = 0; d < table->count; d++)
        set |= UINT64_C(1) << table->dimensions[d] % DIMENSIONS_MAX;
    return set;
}

/* Takes away what only this table has; then the table, if another one has all the rest. */
static bool reduce(uint64_t *sets, bool *gone, size_t count, size_t t)
{
    uint64_t others = 0;
    for (size_t o = 0; o < count; o++)
        others |= o != t && !gone[o] ? sets[o] : 0;
    uint64_t shared = sets[t] & others;
    bool changed = shared != sets[t];
    sets[t] = shared;
    for (size_t o = 0; o < count && !gone[t]; o++)
        gone[t] = (o != t && !gone[o] && (shared & ~sets[o]) == 0) || !shared;
    return changed || gone[t];
}

bool links_are_tree(const struct protection_table *tables, size_t count)
{
    uint64_t *sets = mem_zalloc(count, sizeof *sets);
    bool *gone = mem_zalloc(count, sizeof *gone), changed = true, left = false;
    for (size_t t = 0; t < count; t++)
        sets[t] = dimension_set(&tables[t]);
    while (changed) {
        changed = false;
        for (size_t t = 0; t < count; t++)
            changed |= !gone[t] && reduce(sets, gone, count, t);
    }
    for (size_t t = 0; t < count; t++)
        left |= !gone[t];
    free(sets);
    free(gone);
    return !left;
}

/* ---- the equations ---- */

struct pair {
    const struct protection_table *left, *right;
    size_t left_at[CROSS_MAX_DIMENSIONS], right_at[CROSS_MAX_DIMENSIONS]; /* where the shared dimensions stand */
    size_t shared;
};

static void find_shared(struct pair *pair)
{
    for (size_t l = 0; l < pair->left->count; l++)
        for (size_t r = 0; r < pair->right->count; r++)
            if (pair->left->dimensions[l] == pair->right->dimensions[r]) {
                pair->left_at[pair->shared] = l;
                pair->right_at[pair->shared++] = r;
            }
}

static const uint32_t *codes_of(const struct protection_table *table, uint32_t cell)
{
    return table->map.codes + (size_t)cell * table->map.dimension_count;
}

/* Is the cell a margin over the shared dimensions: the total in all others? */
static bool is_shared_margin(const struct protection_table *table, uint32_t cell, const size_t *at, size_t shared)
{
    const uint32_t *codes = codes_of(table, cell);
    size_t totals = 0, shared_totals = 0;
    for (size_t d = 0; d < table->count; d++)
        totals += codes[d] == 0;
    for (size_t s = 0; s < shared; s++)
        shared_totals += codes[at[s]] == 0;
    return totals - shared_totals == table->count - shared;
}

static bool same_codes(const struct pair *pair, uint32_t left, uint32_t right)
{
    const uint32_t *a = codes_of(pair->left, left), *b = codes_of(pair->right, right);
    for (size_t s = 0; s < pair->shared; s++)
        if (a[pair->left_at[s]] != b[pair->right_at[s]])
            return false;
    return true;
}

/* Left minus right is nothing. */
static void add_equation(struct protect_problem *problem, const struct pair *pair, uint32_t left, uint32_t right)
{
    struct protect_view views[] = { problem_view(problem, problem->cells[pair->left->map.first_cell + left].row),
                                    problem_view(problem, problem->cells[pair->right->map.first_cell + right].row) };
    size_t count = views[0].count + views[1].count;
    uint32_t *members = mem_alloc(count * sizeof *members);
    double *coefficients = mem_alloc(count * sizeof *coefficients);
    memcpy(members, views[0].members, views[0].count * sizeof *members);
    memcpy(members + views[0].count, views[1].members, views[1].count * sizeof *members);
    for (size_t i = 0; i < count; i++)
        coefficients[i] = i < views[0].count ? 1 : -1;
    problem_add_equation(problem, members, coefficients, count);
    free(members);
    free(coefficients);
}

static void link_pair(struct protect_problem *problem, const struct protection_table *left, const struct protection_table *right)
{
    struct pair pair = { .left = left, .right = right };
    find_shared(&pair);
    for (uint32_t l = 0; l < left->map.cell_count; l++) {
        if (!is_shared_margin(left, l, pair.left_at, pair.shared))
            continue;
        for (uint32_t r = 0; r < right->map.cell_count; r++)
            if (same_codes(&pair, l, r) && is_shared_margin(right, r, pair.right_at, pair.shared))
                add_equation(problem, &pair, l, r);
    }
}

void links_add(struct protect_problem *problem, const struct protection_table *tables, size_t count)
{
    for (size_t left = 0; left < count; left++)
        for (size_t right = left + 1; right < count; right++)
            link_pair(problem, &tables[left], &tables[right]);
}
