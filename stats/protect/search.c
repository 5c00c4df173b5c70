/* The search for witnesses: linear programs on block after block, each kept warm for all of its members. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/protect/audit.h"
#include "stats/protect/lp.h"
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
    uint32_t *place;    /* per variable of the system: its column, or PROTECT_NONE */
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
    search->place = mem_alloc((system->variable_count + 1) * sizeof *search->place);
    memset(search->place, 0xff, (system->variable_count + 1) * sizeof *search->place);
}

static void search_close(struct search *search)
{
    free(search->list);
    free(search->changes);
    free(search->place);
    block_maker_release(&search->maker);
    system_release(&search->system);
}

static void block_open(struct search *search)
{
    const struct system *system = &search->system;
    const struct block *block = &search->block;
    lp_open(&search->lp);
    lp_add_columns(&search->lp, block->variable_count);
    for (size_t i = 0; i < block->variable_count; i++) {
        uint32_t v = block->variables[i];
        search->place[v] = (uint32_t)i;
        double lowest = (double)(system->lowest[v] - system->truth[v]);
        lp_bound_column(&search->lp, i, fmax(lowest, -search->reach), search->reach);
    }
    for (size_t r = 0; r < block->row_count; r++) {
        lp_begin_row(&search->lp);
        for (size_t i = block->first_entry[r]; i < block->first_entry[r + 1]; i++)
            lp_add_entry(&search->lp, block->entries[i].variable, block->entries[i].coefficient);
        lp_end_row(&search->lp, 0, 0);
    }
}

static void block_close(struct search *search)
{
    for (size_t i = 0; i < search->block.variable_count; i++)
        search->place[search->block.variables[i]] = PROTECT_NONE;
    lp_close(&search->lp);
    block_release(&search->block);
}

static void set_cost(struct search *search, size_t member, double cost)
{
    const struct system *system = &search->system;
    for (size_t i = system->first_in_member[member]; i < system->first_in_member[member + 1]; i++)
        if (search->place[system->in_member[i]] != PROTECT_NONE)
            lp_set_cost(&search->lp, search->place[system->in_member[i]], cost);
}

/* Moves the member as far as it goes; `direction` 1: up, −1: down. */
static void push(struct search *search, size_t member, double direction)
{
    struct audit *audit = search->audit;
    uint64_t before = search->lp.iterations;
    set_cost(search, member, direction);
    enum lp_result result = lp_maximise(&search->lp, audit->budget - audit->iterations);
    set_cost(search, member, 0);
    audit->iterations += search->lp.iterations - before;
    audit->solves++;
    if (result == LP_INFEASIBLE || result == LP_FAILED)
        return;
    for (size_t i = 0; i < search->block.variable_count; i++)
        search->changes[i] = lp_value(&search->lp, i);
    audit_harvest(audit, &search->system, &search->block, search->changes);
}

static void widen(struct search *search, size_t member)
{
    struct audit *audit = search->audit;
    push(search, member, 1);
    bool high_enough = audit->ranges[member].high + AUDIT_ROUNDING >= audit->goals[member].up;
    if (high_enough && !audit_member_safe(audit, member) && !audit_spent(audit))
        push(search, member, -1);
}

/* The open members that hold a free variable of those that `wanted` marks (NULL: of any), in order. */
static size_t list_members(struct search *search, const bool *wanted)
{
    const struct system *system = &search->system;
    size_t count = 0;
    for (uint32_t m = 0; m < search->audit->member_count; m++) {
        if (!audit_member_open(search->audit, m))
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

/* Tries the members on the variables that the maker has listed. */
static void try_block(struct search *search, const bool *wanted)
{
    struct audit *audit = search->audit;
    block_make(&search->maker, &search->block);
    if (search->block.variable_count > 1) {
        block_open(search);
        size_t count = list_members(search, wanted);
        for (size_t i = 0; i < count && !audit_spent(audit); i++)
            if (audit_member_open(audit, search->list[i]))
                widen(search, search->list[i]);
    }
    block_close(search);
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

void audit_search(struct audit *audit, const unsigned *withheld)
{
    struct search search;
    search_open(&search, audit, withheld);
    try_plans(&search);
    if (audit_open_count(audit) && !audit_spent(audit)) {
        block_want_all(&search.maker);
        try_block(&search, NULL);
    }
    search_close(&search);
}
