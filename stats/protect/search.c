/* The search for witnesses: linear programs on block after block, each kept warm for all of its members. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/protect/audit.h"
#include "stats/protect/lp.h"
#include "stats/protect/mix.h"
#include "stats/protect/plan.h"

struct search {
    struct audit *audit;
    struct system system;
    struct block_maker maker;
    double reach;       /* no variable needs to move further than this */
    uint32_t *list;     /* members to be tried */
    double *changes;    /* of the block's variables */
    /* the block being tried */
    struct block block;
    struct lp lp;
    uint32_t *rise, *fall; /* per variable of the system: its columns, or PROTECT_NONE */
    bool *known;        /* per variable: by somebody who doubts a listed member */
    double price;
    bool doubted;       /* the members sought are those with doubts, else those too narrow */
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

static void search_open(struct search *search, struct audit *audit, const unsigned *withheld)
{
    *search = (struct search) { .audit = audit, .reach = find_reach(audit) };
    struct system *system = &search->system;
    system_build(system, audit->problem, audit->options, audit->members, withheld);
    block_maker_init(&search->maker, system);
    search->list = mem_zalloc(audit->member_count, sizeof *search->list);
    search->changes = mem_zalloc(system->variable_count, sizeof *search->changes);
    size_t bytes = (system->variable_count + 1) * sizeof *search->rise;
    search->known = mem_zalloc(system->variable_count, sizeof *search->known);
    search->rise = memset(mem_alloc(bytes), 0xff, bytes);
    search->fall = memset(mem_alloc(bytes), 0xff, bytes);
}

static void search_close(struct search *search)
{
    free(search->list);
    free(search->changes);
    free(search->known);
    free(search->rise);
    free(search->fall);
    block_maker_release(&search->maker);
    system_release(&search->system);
}

static double reach_of(const struct search *search, uint32_t variable)
{
    const struct protect_problem *problem = search->audit->problem;
    const struct protect_unknown *first = &problem->unknowns[search->system.unknown_of[search->system.first_unknown_of[variable]]];
    return first->is_amount && problem->amount_scale > 0 ? search->reach * problem->amount_scale : search->reach;
}

/* Columns: a change for each variable; for those that some doubter knows a rise, and a fall if it can be lower. */
static void add_columns(struct search *search)
{
    const struct system *system = &search->system;
    const struct block *block = &search->block;
    lp_add_columns(&search->lp, block->variable_count);
    for (size_t i = 0; i < block->variable_count; i++) {
        uint32_t v = block->variables[i];
        double reach = reach_of(search, v), fall = fmin((double)(system->truth[v] - system->lowest[v]), reach);
        lp_bound_column(&search->lp, i, search->known[v] ? 0 : -fall, reach);
        if (!search->known[v] || fall <= 0)
            continue;
        search->fall[v] = (uint32_t)lp_add_columns(&search->lp, 1);
        lp_bound_column(&search->lp, search->fall[v], 0, fall);
    }
}

static void add_term(struct search *search, uint32_t variable, double coefficient)
{
    if (search->rise[variable] != PROTECT_NONE)
        lp_add_entry(&search->lp, search->rise[variable], coefficient);
    if (search->fall[variable] != PROTECT_NONE)
        lp_add_entry(&search->lp, search->fall[variable], -coefficient);
}

static void block_open(struct search *search)
{
    const struct block *block = &search->block;
    lp_open(&search->lp);
    add_columns(search);
    for (size_t r = 0; r < block->row_count; r++) {
        lp_begin_row(&search->lp);
        for (size_t i = block->first_entry[r]; i < block->first_entry[r + 1]; i++)
            add_term(search, block->variables[block->entries[i].variable], block->entries[i].coefficient);
        lp_end_row(&search->lp, 0, 0);
    }
}

static void block_close(struct search *search)
{
    lp_close(&search->lp);
}

static void set_costs(struct search *search, uint32_t variable, double rise, double fall)
{
    if (search->rise[variable] != PROTECT_NONE)
        lp_set_cost(&search->lp, search->rise[variable], rise);
    if (search->fall[variable] != PROTECT_NONE)
        lp_set_cost(&search->lp, search->fall[variable], fall);
}

static void set_member_costs(struct search *search, size_t member, double worth)
{
    const struct system *system = &search->system;
    for (size_t i = system->first_in_member[member]; i < system->first_in_member[member + 1]; i++)
        set_costs(search, system->in_member[i], worth, -worth);
}

static enum lp_result solve_within(struct search *search, uint64_t limit)
{
    struct audit *audit = search->audit;
    uint64_t before = search->lp.iterations, left = audit->budget - audit->iterations;
    enum lp_result result = lp_maximise(&search->lp, left < limit ? left : limit);
    audit->iterations += search->lp.iterations - before;
    audit->solves++;
    return result;
}

static bool solve(struct search *search)
{
    enum lp_result result = solve_within(search, UINT64_MAX);
    return result != LP_INFEASIBLE && result != LP_FAILED;
}

static void harvest(struct search *search)
{
    for (size_t i = 0; i < search->block.variable_count; i++) {
        uint32_t v = search->block.variables[i];
        search->changes[i] = lp_value(&search->lp, search->rise[v]);
        if (search->fall[v] != PROTECT_NONE)
            search->changes[i] -= lp_value(&search->lp, search->fall[v]);
    }
    audit_harvest(search->audit, &search->system, &search->block, search->changes);
}

/* Solves step by step: what has been reached on the way may be enough, and the best of all is seldom needed. */
static void approach(struct search *search, size_t member)
{
    const uint64_t step = 50;
    enum lp_result result = LP_FEASIBLE;
    for (uint64_t done = step; done >= step && result == LP_FEASIBLE && audit_member_open(search->audit, member);) {
        uint64_t before = search->lp.iterations;
        result = solve_within(search, step);
        done = search->lp.iterations - before;
        if (result != LP_INFEASIBLE && result != LP_FAILED)
            harvest(search);
    }
}

/* Moves the member as far as it goes; `direction` 1: up, −1: down. */
static void push(struct search *search, size_t member, double direction)
{
    set_member_costs(search, member, direction);
    if (solve(search))
        harvest(search);
    set_member_costs(search, member, 0);
}

static void set_price(void *context, uint32_t unknown, int64_t least, bool exact)
{
    struct search *search = context;
    uint32_t v = search->system.variable_of[unknown];
    (void)least;
    if (v != PROTECT_NONE)
        set_costs(search, v, exact ? -search->price : 0, -search->price);
}

static void set_prices(struct search *search, const struct doubts *doubts, double price)
{
    search->price = price;
    for (size_t i = 0; i < doubts->count; i++)
        doubts_knowledge(search->audit->problem, doubts->knowers[i], set_price, search);
}

/* Lifts the member to its goal, moving as little as can be of what the doubters know. */
static void push_gently(struct search *search, size_t member)
{
    const double worth = 1000;
    const struct doubts *doubts = &search->audit->doubts[member];
    struct doubts before = { .count = doubts->count };
    before.knowers = mem_alloc((doubts->count + 1) * sizeof *before.knowers);
    memcpy(before.knowers, doubts->knowers, doubts->count * sizeof *before.knowers);
    size_t goal = lp_add_columns(&search->lp, 1);
    lp_begin_row(&search->lp);
    for (size_t i = search->system.first_in_member[member]; i < search->system.first_in_member[member + 1]; i++)
        add_term(search, search->system.in_member[i], 1);
    lp_add_entry(&search->lp, goal, -1);
    lp_end_row(&search->lp, 0, INFINITY);
    lp_bound_column(&search->lp, goal, -INFINITY, audit_lift(search->audit, member));
    lp_set_cost(&search->lp, goal, worth);
    lp_begin_with(&search->lp, goal);
    set_prices(search, &before, 1);
    approach(search, member);
    set_prices(search, &before, 0);
    lp_drop_last_row(&search->lp, goal);
    free(before.knowers);
}

static void dispel(struct search *search, size_t member)
{
    const struct doubts *doubts = &search->audit->doubts[member];
    size_t before;
    do {
        before = doubts->count;
        push_gently(search, member);
    } while (doubts->count && doubts->count < before && !audit_spent(search->audit));
}

static void widen(struct search *search, size_t member)
{
    struct audit *audit = search->audit;
    if (audit_member_wide(audit, member)) {
        dispel(search, member);
        return;
    }
    push(search, member, 1);
    bool high_enough = audit->ranges[member].high + AUDIT_ROUNDING >= audit->goals[member].up;
    if (high_enough && !audit_member_wide(audit, member) && !audit_spent(audit))
        push(search, member, -1);
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
            if (search->rise[v] == PROTECT_NONE || (wanted && !wanted[v]))
                continue;
            search->list[count++] = m;
            break;
        }
    }
    return count;
}

static void note_known(void *context, uint32_t unknown, int64_t least, bool exact)
{
    struct search *search = context;
    uint32_t v = search->system.variable_of[unknown];
    (void)least;
    (void)exact;
    if (v != PROTECT_NONE)
        search->known[v] = true;
}

/* Doubts only become fewer, so nothing else will be priced in this block. */
static void mark_known(struct search *search, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct doubts *doubts = &search->audit->doubts[search->list[i]];
        for (size_t d = 0; d < doubts->count; d++)
            doubts_knowledge(search->audit->problem, doubts->knowers[d], note_known, search);
    }
}

static void try_members(struct search *search, size_t count)
{
    if (search->doubted)
        mark_known(search, count);
    block_open(search);
    for (size_t i = 0; i < count && !audit_spent(search->audit); i++)
        if (is_sought(search, search->list[i]))
            widen(search, search->list[i]);
    block_close(search);
    memset(search->known, 0, search->system.variable_count * sizeof *search->known);
}

/* Tries the members on the variables that the maker has listed. */
static void try_block(struct search *search, const bool *wanted)
{
    struct block *block = &search->block;
    block_make(&search->maker, block);
    for (size_t i = 0; i < block->variable_count; i++)
        search->rise[block->variables[i]] = (uint32_t)i;
    size_t count = block->variable_count > 1 ? list_members(search, wanted) : 0;
    if (count)
        try_members(search, count);
    for (size_t i = 0; i < block->variable_count; i++)
        search->rise[block->variables[i]] = search->fall[block->variables[i]] = PROTECT_NONE;
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
            if (problem->layer_blocks[i] >> u / problem->layer_size & 1 && search->system.variable_of[u] != PROTECT_NONE)
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
        if (audit_open_count(audit) && !audit_spent(audit)) {
            block_want_all(&search.maker);
            try_block(&search, NULL);
        }
    }
    search_close(&search);
}
