/* The search for witnesses: linear programs on block after block, each kept warm for all of its members. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/protect/audit.h"
#include "stats/protect/mix.h"
#include "stats/protect/plan.h"
#include "stats/protect/tableau.h"

struct search {
    struct audit *audit;
    struct system system;
    struct block_maker maker;
    double reach;       /* no variable needs to move further than this */
    double *least, *most; /* per variable: changes that none of those who know something of it can rule out */
    uint32_t *list;     /* members to be tried */
    double *changes;    /* of the block's variables */
    bool doubted;       /* the members sought are those with doubts, else those too narrow */
    /* the block being tried */
    struct block block;
    struct tableau tableau;
    uint32_t *place;    /* per variable of the system: its place in the block, or PROTECT_NONE */
    uint32_t *aimed;    /* variables of the block */
};

static double find_reach(const struct audit *audit)
{
    double reach = 1;
    for (size_t m = 0; m < audit->member_count; m++) {
        const struct audit_goal *goal = &audit->goals[m];
        reach = fmax(reach, fmax(goal->width, goal->up + goal->down));
    }
    return 2 * reach;
}

static double reach_of(const struct search *search, uint32_t variable)
{
    const struct protect_problem *problem = search->audit->problem;
    const struct protect_unknown *first = &problem->unknowns[search->system.unknown_of[search->system.first_unknown_of[variable]]];
    return first->is_amount && problem->amount_scale > 0 ? search->reach * problem->amount_scale : search->reach;
}

static double lowest(const struct search *search, uint32_t variable)
{
    const struct system *system = &search->system;
    return -fmin((double)(system->truth[variable] - system->lowest[variable]), reach_of(search, variable));
}

static void note_least(void *context, uint32_t unknown, int64_t least, bool exact)
{
    struct search *search = context;
    uint32_t v = search->system.variable_of[unknown];
    if (v == PROTECT_NONE)
        return;
    search->least[v] = fmax(search->least[v], (double)least);
    search->most[v] = exact ? 0 : search->most[v];
}

/* What everybody knows, and what each knows of their own. */
static void find_bounds(struct search *search)
{
    const struct system *system = &search->system;
    const struct protect_problem *problem = search->audit->problem;
    search->least = mem_zalloc(system->variable_count, sizeof *search->least);
    search->most = mem_zalloc(system->variable_count, sizeof *search->most);
    for (uint32_t v = 0; v < system->variable_count; v++) {
        search->least[v] = lowest(search, v);
        search->most[v] = reach_of(search, v);
    }
    for (uint32_t u = 0; u < problem->unknown_count; u++)
        doubts_facts(problem, u, note_least, search);
}

static void search_open(struct search *search, struct audit *audit, const unsigned *withheld)
{
    *search = (struct search) { .audit = audit, .reach = find_reach(audit) };
    struct system *system = &search->system;
    system_build(system, audit->problem, audit->options, audit->members, withheld);
    block_maker_init(&search->maker, system);
    search->list = mem_zalloc(audit->member_count, sizeof *search->list);
    search->changes = mem_zalloc(system->variable_count, sizeof *search->changes);
    search->aimed = mem_zalloc(system->variable_count, sizeof *search->aimed);
    size_t bytes = (system->variable_count + 1) * sizeof *search->place;
    search->place = memset(mem_alloc(bytes), 0xff, bytes);
    find_bounds(search);
}

static void search_close(struct search *search)
{
    free(search->list);
    free(search->changes);
    free(search->aimed);
    free(search->place);
    free(search->least);
    free(search->most);
    block_maker_release(&search->maker);
    system_release(&search->system);
}

/* Back to the truth; with the bounds that everybody knows, or those that nobody at all can rule out. */
static void rest(struct search *search, bool guarded)
{
    tableau_rest(&search->tableau);
    for (uint32_t i = 0; i < search->block.variable_count; i++) {
        uint32_t v = search->block.variables[i];
        tableau_bound(&search->tableau, i, guarded ? search->least[v] : lowest(search, v), guarded ? search->most[v] : reach_of(search, v));
    }
}

static void bound_for_knower(void *context, uint32_t unknown, int64_t least, bool exact)
{
    struct search *search = context;
    uint32_t v = search->system.variable_of[unknown];
    if (v != PROTECT_NONE && search->place[v] != PROTECT_NONE)
        tableau_bound(&search->tableau, search->place[v], fmax((double)least, lowest(search, v)), exact ? 0 : reach_of(search, v));
}

/* Moves the member up (1) or down (−1) until that is enough, and harvests what was reached. */
static bool push(struct search *search, size_t member, double direction, double enough)
{
    struct audit *audit = search->audit;
    struct tableau *tableau = &search->tableau;
    const struct system *system = &search->system;
    uint64_t before = tableau->iterations, left = audit->budget - audit->iterations;
    uint64_t limit = 100 + 2 * (tableau->row_count + tableau->column_count);
    size_t count = 0;
    for (size_t i = system->first_in_member[member]; i < system->first_in_member[member + 1]; i++)
        if (search->place[system->in_member[i]] != PROTECT_NONE)
            search->aimed[count++] = search->place[system->in_member[i]];
    tableau_aim(tableau, search->aimed, count, direction);
    bool done = tableau_improve(tableau, enough, left < limit ? left : limit);
    audit->iterations += tableau->iterations - before;
    audit->solves++;
    if (tableau->objective > 0)
        audit_harvest(audit, system, &search->block, tableau->value);
    return done;
}

/* How far the member has to rise to be wide enough. */
static double find_rise(const struct audit *audit, size_t member)
{
    const struct audit_goal *goal = &audit->goals[member];
    return fmax(goal->up, goal->width + ceil(audit->ranges[member].low - AUDIT_ROUNDING));
}

static void widen(struct search *search, size_t member)
{
    struct audit *audit = search->audit;
    rest(search, true);
    push(search, member, 1, fmax(find_rise(audit, member), audit_lift(audit, member)));
    if (audit_member_wide(audit, member) || audit_spent(audit))
        return;
    rest(search, false);
    push(search, member, 1, find_rise(audit, member));
    bool high_enough = audit->ranges[member].high + AUDIT_ROUNDING >= audit->goals[member].up;
    if (!high_enough || audit_member_wide(audit, member) || audit_spent(audit))
        return;
    rest(search, false);
    push(search, member, -1, INFINITY);
}

/* Lifts the member in a way that these of its doubters cannot rule out. */
static void lift_against(struct search *search, size_t member, size_t first, size_t count)
{
    struct audit *audit = search->audit;
    const struct doubts *doubts = &audit->doubts[member];
    for (int down = 0; down < (audit_lifts(audit, member, -1) ? 2 : 1) && count; down++) {
        rest(search, false);
        for (size_t i = first; i < first + count; i++)
            doubts_knowledge(audit->problem, doubts->knowers[i], bound_for_knower, search);
        if (push(search, member, down ? -1 : 1, down ? 1 : audit_lift(audit, member)))
            return;
    }
}

/* Against all doubters at once, else against one after the other: each success may dispel several. */
static void dispel(struct search *search, size_t member)
{
    struct audit *audit = search->audit;
    const struct doubts *doubts = &audit->doubts[member];
    lift_against(search, member, 0, doubts->count);
    if (doubts->count < 2)
        return;
    for (size_t i = 0; i < doubts->count && !audit_spent(audit);) {
        size_t before = doubts->count;
        lift_against(search, member, i, 1);
        i += doubts->count == before;
    }
}

static bool is_sought(const struct search *search, size_t member)
{
    return audit_member_open(search->audit, member) && search->doubted == audit_member_wide(search->audit, member);
}

/* The open members that hold a free variable of those that `wanted` marks (NULL: of any), in order. */
static size_t list_members(struct search *search, const bool *wanted)
{
    const struct system *system = &search->system;
    size_t count = 0;
    for (uint32_t m = 0; m < search->audit->member_count; m++) {
        if (!is_sought(search, m))
            continue;
        for (size_t i = system->first_in_member[m]; i < system->first_in_member[m + 1]; i++) {
            uint32_t v = system->in_member[i];
            if (search->place[v] == PROTECT_NONE || (wanted && !wanted[v]))
                continue;
            search->list[count++] = m;
            break;
        }
    }
    return count;
}

static void try_members(struct search *search, size_t count)
{
    for (size_t i = 0; i < search->block.variable_count; i++)
        search->changes[i] = -lowest(search, search->block.variables[i]);
    tableau_open(&search->tableau, &search->block, search->changes);
    for (size_t i = 0; i < count && !audit_spent(search->audit); i++) {
        if (!is_sought(search, search->list[i]))
            continue;
        if (search->doubted)
            dispel(search, search->list[i]);
        else
            widen(search, search->list[i]);
    }
    tableau_close(&search->tableau);
}

/* Tries the members on the variables that the maker has listed. */
static void try_block(struct search *search, const bool *wanted)
{
    struct block *block = &search->block;
    block_make(&search->maker, block);
    for (size_t i = 0; i < block->variable_count; i++)
        search->place[block->variables[i]] = (uint32_t)i;
    size_t count = block->variable_count > 1 && tableau_fits(block) ? list_members(search, wanted) : 0;
    if (count)
        try_members(search, count);
    for (size_t i = 0; i < block->variable_count; i++)
        search->place[block->variables[i]] = PROTECT_NONE;
    block_release(block);
}

static void mark(const struct search *search, uint32_t cell, bool *marks, bool mark)
{
    const struct protect_problem *problem = search->audit->problem;
    struct protect_view view = problem_view(problem, problem->cells[cell].row);
    for (size_t i = 0; i < view.count; i++)
        if (search->system.variable_of[view.members[i]] != PROTECT_NONE)
            marks[search->system.variable_of[view.members[i]]] = mark;
}

static void try_plans(struct search *search)
{
    const struct protect_problem *problem = search->audit->problem;
    bool *focus = mem_zalloc(search->system.variable_count, sizeof *focus);
    size_t count;
    struct plan *plans = plan_blocks(&search->system, &count);
    for (size_t i = 0; i < count && audit_open_count(search->audit) && !audit_spent(search->audit); i++) {
        for (int j = 0; j < 2; j++)
            block_want_row(&search->maker, problem_view(problem, problem->cells[plans[i].cells[j]].row));
        mark(search, plans[i].focus, focus, true);
        try_block(search, focus);
        mark(search, plans[i].focus, focus, false);
    }
    free(plans);
    free(focus);
}

/* Some figures of all inner cells, with the others as they are. */
static void try_layers(struct search *search)
{
    const struct protect_problem *problem = search->audit->problem;
    for (size_t i = 0; i < problem->layer_block_count && audit_open_count(search->audit) && !audit_spent(search->audit); i++) {
        for (size_t u = 0; u < problem->unknown_count; u++)
            if (u / problem->layer_size < 64 && problem->layer_blocks[i] >> u / problem->layer_size & 1 && search->system.variable_of[u] != PROTECT_NONE)
                block_want(&search->maker, search->system.variable_of[u]);
        try_block(search, NULL);
    }
}

void audit_search(struct audit *audit, const unsigned *withheld)
{
    struct search search;
    search_open(&search, audit, withheld);
    for (int pass = 0; pass < 2; pass++) {
        search.doubted = pass == 1;
        const bool mixes = search.doubted && !audit->problem->layer_size; /* of several figures there are too many for their worth */
        if (mixes)
            mix_settle(audit, false);
        try_layers(&search);
        try_plans(&search);
        if (mixes)
            mix_settle(audit, true);
        if (!audit_is_large(audit) && audit_open_count(audit) && !audit_spent(audit)) {
            block_want_all(&search.maker);
            try_block(&search, NULL);
        }
    }
    search_close(&search);
}
