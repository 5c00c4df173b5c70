#include "stats/protect/remainder.h"

#include <stdlib.h>
#include <string.h>

void remainder_init(struct remainder *remainder, const struct protect_problem *problem, const unsigned *withheld)
{
    *remainder = (struct remainder) { .problem = problem, .withheld = withheld };
    remainder->stamp = mem_zalloc(problem->unknown_count, sizeof *remainder->stamp);
    remainder->unknowns = mem_zalloc(problem->unknown_count, sizeof *remainder->unknowns);
}

void remainder_release(struct remainder *remainder)
{
    free(remainder->stamp);
    free(remainder->unknowns);
    free(remainder->cells);
    *remainder = (struct remainder) { 0 };
}

static void begin(struct remainder *remainder)
{
    remainder->count = remainder->cell_count = 0;
    if (++remainder->now)
        return;
    memset(remainder->stamp, 0, remainder->problem->unknown_count * sizeof *remainder->stamp);
    remainder->now = 1;
}

static void take_away(struct remainder *remainder, uint32_t cell)
{
    struct protect_view view = problem_view(remainder->problem, remainder->problem->cells[cell].row);
    for (size_t i = 0; i < view.count; i++)
        remainder->stamp[view.members[i]] = remainder->now;
    MEM_GROW(remainder->cells, remainder->cell_count, remainder->cell_capacity);
    remainder->cells[remainder->cell_count++] = cell;
}

/* What of the parent was not taken away. */
static void collect(struct remainder *remainder, uint32_t family)
{
    const struct protect_problem *problem = remainder->problem;
    struct protect_view view = problem_view(problem, problem->cells[problem->families[family].parent].row);
    for (size_t i = 0; i < view.count; i++)
        if (remainder->stamp[view.members[i]] != remainder->now)
            remainder->unknowns[remainder->count++] = view.members[i];
}

/* The family of that cell along the axis, or PROTECT_NONE. */
static uint32_t family_along(const struct protect_problem *problem, uint32_t cell, uint32_t axis)
{
    for (size_t i = problem->first_family[cell]; i < problem->first_family[cell + 1]; i++) {
        uint32_t family = problem->family_of[i];
        if (problem->families[family].axis == axis)
            return family;
    }
    return PROTECT_NONE;
}

/* Takes away the greatest published descendants. Hierarchies are as deep as their files say, so the depth of the
 * recursion is bounded by the number of levels. */
static bool take_published(struct remainder *remainder, uint32_t family, bool deep)
{
    const struct protect_problem *problem = remainder->problem;
    const struct protect_family *f = &problem->families[family];
    bool withheld = false;
    for (size_t i = 0; i < f->count; i++) {
        uint32_t child = problem->child[f->first + i];
        if (!remainder->withheld[child]) {
            take_away(remainder, child);
            continue;
        }
        withheld = true;
        uint32_t below = deep ? family_along(problem, child, f->axis) : PROTECT_NONE;
        if (below != PROTECT_NONE)
            take_published(remainder, below, true);
    }
    return withheld;
}

bool remainder_deep(struct remainder *remainder, uint32_t family)
{
    begin(remainder);
    bool withheld = take_published(remainder, family, true);
    collect(remainder, family);
    return withheld;
}

bool remainder_plain(struct remainder *remainder, uint32_t family)
{
    begin(remainder);
    bool withheld = take_published(remainder, family, false);
    collect(remainder, family);
    return withheld;
}

void remainder_without(struct remainder *remainder, uint32_t family, uint32_t child)
{
    begin(remainder);
    take_away(remainder, child);
    collect(remainder, family);
}

/* A waiver does not hold where the cell would expose another; but first all else is tried. */
static bool may_be_withheld(const struct protect_problem *problem, uint32_t cell, enum protect_state state)
{
    return problem->cells[cell].state == state;
}

struct smallest {
    uint32_t cell;
    int64_t cases;
};

static void find_smallest(const struct protect_problem *problem, const unsigned *withheld, uint32_t family,
                          enum protect_state state, struct smallest *best)
{
    const struct protect_family *f = &problem->families[family];
    for (size_t i = 0; i < f->count; i++) {
        uint32_t child = problem->child[f->first + i];
        uint32_t below = withheld[child] ? family_along(problem, child, f->axis) : PROTECT_NONE;
        if (below != PROTECT_NONE)
            find_smallest(problem, withheld, below, state, best);
        if (withheld[child] || !may_be_withheld(problem, child, state))
            continue;
        int64_t cases = problem_cases(problem, problem->cells[child].row);
        if (best->cell == PROTECT_NONE || cases < best->cases)
            *best = (struct smallest) { child, cases };
    }
}

static uint32_t choose(const struct protect_problem *problem, const unsigned *withheld, uint32_t family, enum protect_state state)
{
    struct smallest best = { PROTECT_NONE, 0 };
    uint32_t parent = problem->families[family].parent;
    find_smallest(problem, withheld, family, state, &best);
    return best.cell == PROTECT_NONE && may_be_withheld(problem, parent, state) ? parent : best.cell;
}

/* Withholds what makes this family's remainder greater, or its parent. False: nothing could be. */
static bool repair(struct primary_judge *judge, unsigned *withheld, uint32_t family)
{
    uint32_t cell = choose(judge->problem, withheld, family, PROTECT_CANDIDATE);
    unsigned rule = PROTECT_REMAINDER;
    if (cell == PROTECT_NONE) {
        cell = choose(judge->problem, withheld, family, PROTECT_FORCED);
        rule = PROTECT_FORCED_UNSAFE;
    }
    if (cell == PROTECT_NONE)
        return false;
    withheld[cell] |= rule;
    return true;
}

/* Makes one family safe; returns how many cells that took. */
static size_t make_safe(struct primary_judge *judge, struct remainder *remainder, unsigned *withheld, uint32_t family,
                        struct protect_members *members)
{
    for (size_t count = 0;; count++) {
        if (withheld[judge->problem->families[family].parent])
            return count;
        remainder_deep(remainder, family);
        struct primary_verdict verdict = primary_judge_union(judge, remainder->unknowns, remainder->count);
        if (!verdict.rules)
            return count;
        verdict.rules = PROTECT_REMAINDER;
        primary_add_member(members, &verdict, PROTECT_NONE, family,
                           (struct protect_view) { remainder->unknowns, NULL, remainder->count });
        if (repair(judge, withheld, family))
            continue;
        members->members[members->count - 1].lost = true;
        return count;
    }
}

size_t remainder_enforce(struct primary_judge *judge, unsigned *withheld, struct protect_members *members)
{
    struct remainder remainder;
    remainder_init(&remainder, judge->problem, withheld);
    size_t total = 0, round;
    do {
        round = 0;
        for (uint32_t f = 0; f < judge->problem->family_count; f++)
            round += make_safe(judge, &remainder, withheld, f, members);
        total += round;
    } while (round);
    remainder_release(&remainder);
    return total;
}
