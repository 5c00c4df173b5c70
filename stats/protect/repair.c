#include "stats/protect/repair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/protect/remainder.h"

/* Where a member is repaired: below two cells above it, one along its first hierarchy and one along its last. */
struct around {
    uint32_t cells[2]; /* PROTECT_NONE: in the whole system */
};

/* Columns: one for each unknown that may move, then two for each published sum, its rise and its fall. A published
 * cell of one unknown needs no columns of its own: the unknown's rise and fall are taken apart. */
struct repair {
    struct audit *audit;
    unsigned *withheld;
    uint32_t *protects;
    struct lp lp;
    bool *free;             /* per unknown: it may move */
    size_t *column;         /* per unknown: of its rise (or of both); SIZE_MAX: it does not move */
    bool *apart;            /* per unknown: its fall has the next column */
    size_t *slack;          /* per cell: its rise, and its fall next to it; SIZE_MAX: none */
    size_t column_count;
    double *change;         /* per unknown: what was found */
    size_t goal;            /* column: how far the member has moved */
    bool local;             /* only some unknowns may move: what is impossible may be possible with all */
};

/* What one unit of change in a published cell costs: more for greater cells, but not in proportion. */
static double price(const struct protect_problem *problem, uint32_t cell)
{
    const double dear = 1000; /* a forced cell goes only when nothing else helps */
    double unit = 1 + 0.2 * log2((double)problem_cases(problem, problem->cells[cell].row) + 1);
    return problem->cells[cell].state == PROTECT_FORCED ? dear * unit : unit;
}

static bool may_change(const struct repair *repair, uint32_t cell)
{
    return repair->withheld[cell] || repair->audit->problem->cells[cell].state != PROTECT_PUBLISHED;
}

/* Published cells that are one unknown and nothing else: their price is the unknown's. */
static double *find_prices(const struct repair *repair)
{
    const struct protect_problem *problem = repair->audit->problem;
    double *prices = mem_zalloc(problem->unknown_count, sizeof *prices);
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        struct protect_view view = problem_view(problem, problem->cells[c].row);
        if (repair->withheld[c] || view.count != 1)
            continue;
        if (may_change(repair, c))
            prices[view.members[0]] += price(problem, c);
        else
            repair->free[view.members[0]] = false;
    }
    return prices;
}

static void add_unknowns(struct repair *repair)
{
    const struct protect_problem *problem = repair->audit->problem;
    double *prices = find_prices(repair);
    for (size_t u = 0; u < problem->unknown_count; u++) {
        repair->column[u] = SIZE_MAX;
        repair->apart[u] = prices[u] > 0;
        if (!repair->free[u] || problem->unknowns[u].known_zero)
            continue;
        repair->column[u] = repair->column_count;
        repair->column_count += repair->apart[u] ? 2 : 1;
    }
    lp_add_columns(&repair->lp, repair->column_count);
    for (uint32_t u = 0; u < problem->unknown_count; u++) {
        size_t column = repair->column[u];
        double fall = (double)(problem->unknowns[u].cases - system_lowest(problem, repair->audit->options, u));
        if (column == SIZE_MAX)
            continue;
        lp_bound_column(&repair->lp, column, repair->apart[u] ? 0 : -fall, INFINITY);
        if (!repair->apart[u])
            continue;
        lp_bound_column(&repair->lp, column + 1, 0, fall);
        lp_set_cost(&repair->lp, column, -prices[u]);
        lp_set_cost(&repair->lp, column + 1, -prices[u]);
    }
    free(prices);
}

static size_t add_terms(struct repair *repair, struct protect_view view)
{
    size_t count = 0;
    for (size_t i = 0; i < view.count; i++) {
        size_t column = repair->column[view.members[i]];
        double coefficient = view.coefficients ? view.coefficients[i] : 1;
        if (column == SIZE_MAX)
            continue;
        lp_add_entry(&repair->lp, column, coefficient);
        if (repair->apart[view.members[i]])
            lp_add_entry(&repair->lp, column + 1, -coefficient);
        count++;
    }
    return count;
}

static bool has_free(const struct repair *repair, struct protect_view view)
{
    for (size_t i = 0; i < view.count; i++)
        if (repair->column[view.members[i]] != SIZE_MAX)
            return true;
    return false;
}

/* Columns for the rise and the fall of each published sum that may change. */
static void add_slacks(struct repair *repair)
{
    const struct protect_problem *problem = repair->audit->problem;
    size_t first = repair->column_count;
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        struct protect_view view = problem_view(problem, problem->cells[c].row);
        bool is_sum = !repair->withheld[c] && view.count > 1 && has_free(repair, view);
        repair->slack[c] = is_sum && may_change(repair, c) ? repair->column_count : SIZE_MAX;
        repair->column_count += repair->slack[c] == SIZE_MAX ? 0 : 2;
    }
    lp_add_columns(&repair->lp, repair->column_count - first);
    for (uint32_t c = 0; c < problem->cell_count; c++)
        for (size_t i = 0; i < 2 && repair->slack[c] != SIZE_MAX; i++) {
            lp_bound_column(&repair->lp, repair->slack[c] + i, 0, INFINITY);
            lp_set_cost(&repair->lp, repair->slack[c] + i, -price(problem, c));
        }
}

static void add_slack_terms(struct repair *repair, uint32_t cell, double sign)
{
    if (repair->slack[cell] == SIZE_MAX)
        return;
    lp_add_entry(&repair->lp, repair->slack[cell], sign);
    lp_add_entry(&repair->lp, repair->slack[cell] + 1, -sign);
}

/* What published cells below the sum change is in their columns: so its row is short. */
static void add_published_terms(struct repair *repair, const uint32_t *cells, size_t count)
{
    const struct protect_problem *problem = repair->audit->problem;
    for (size_t i = 0; i < count; i++) {
        struct protect_view view = problem_view(problem, problem->cells[cells[i]].row);
        if (view.count == 1)
            add_terms(repair, view);
        else
            add_slack_terms(repair, cells[i], 1);
    }
}

/* The sum's family along which its row is shortest; PROTECT_NONE: none is shorter than the sum itself. */
static uint32_t choose_family(struct remainder *remainder, uint32_t cell)
{
    const struct protect_problem *problem = remainder->problem;
    struct protect_view view = problem_view(problem, problem->cells[cell].row);
    uint32_t best = PROTECT_NONE;
    size_t least = view.count;
    for (size_t i = problem->first_family[cell]; i < problem->first_family[cell + 1] && !view.coefficients; i++) {
        remainder_deep(remainder, problem->family_of[i]);
        if (remainder->count + remainder->cell_count >= least)
            continue;
        least = remainder->count + remainder->cell_count;
        best = problem->family_of[i];
    }
    return best;
}

/* A published sum: what is below it changes by its rise less its fall. */
static void add_sum(struct repair *repair, struct remainder *remainder, uint32_t cell)
{
    const struct protect_problem *problem = repair->audit->problem;
    uint32_t family = choose_family(remainder, cell);
    lp_begin_row(&repair->lp);
    if (family == PROTECT_NONE) {
        add_terms(repair, problem_view(problem, problem->cells[cell].row));
    } else {
        remainder_deep(remainder, family);
        add_terms(repair, (struct protect_view) { remainder->unknowns, NULL, remainder->count });
        add_published_terms(repair, remainder->cells, remainder->cell_count);
    }
    add_slack_terms(repair, cell, -1);
    lp_end_row(&repair->lp, 0, 0);
}

static void add_rows(struct repair *repair)
{
    const struct protect_problem *problem = repair->audit->problem;
    struct remainder remainder;
    remainder_init(&remainder, problem, repair->withheld);
    for (uint32_t c = 0; c < problem->cell_count; c++)
        if (!repair->withheld[c] && problem_view(problem, problem->cells[c].row).count > 1
            && has_free(repair, problem_view(problem, problem->cells[c].row)))
            add_sum(repair, &remainder, c);
    remainder_release(&remainder);
    for (size_t e = 0; e < problem->equation_count; e++) {
        lp_begin_row(&repair->lp);
        if (add_terms(repair, problem_view(problem, problem->equations[e])))
            lp_end_row(&repair->lp, 0, 0);
    }
}

static void free_below(struct repair *repair, uint32_t cell)
{
    struct protect_view view = problem_view(repair->audit->problem, repair->audit->problem->cells[cell].row);
    for (size_t i = 0; i < view.count; i++)
        repair->free[view.members[i]] = true;
}

/* With `around` not NULL only what is below these cells may move. */
static void begin(struct repair *repair, const struct around *around)
{
    const struct protect_problem *problem = repair->audit->problem;
    repair->column = mem_zalloc(problem->unknown_count, sizeof *repair->column);
    repair->apart = mem_zalloc(problem->unknown_count, sizeof *repair->apart);
    repair->change = mem_zalloc(problem->unknown_count, sizeof *repair->change);
    repair->slack = mem_zalloc(problem->cell_count, sizeof *repair->slack);
    repair->free = mem_alloc(problem->unknown_count + 1);
    repair->local = around;
    memset(repair->free, !repair->local, problem->unknown_count + 1);
    for (int i = 0; around && i < 2; i++)
        free_below(repair, around->cells[i]);
    repair->column_count = 0;
    lp_open(&repair->lp);
    add_unknowns(repair);
    add_slacks(repair);
    add_rows(repair);
}

static void end(struct repair *repair)
{
    lp_close(&repair->lp);
    free(repair->free);
    free(repair->column);
    free(repair->apart);
    free(repair->change);
    free(repair->slack);
}

/* Ties the goal's column to the member: its change less the goal is 0. Returns false if nothing of it may move. */
static bool aim(struct repair *repair, size_t member, double direction, double amount)
{
    const double worth = 1e5; /* a unit of the goal is worth more than any change that it may need */
    lp_begin_row(&repair->lp);
    if (!add_terms(repair, protect_member_view(repair->audit->members, member)))
        return false;
    repair->goal = lp_add_columns(&repair->lp, 1);
    lp_add_entry(&repair->lp, repair->goal, -direction);
    lp_end_row(&repair->lp, 0, 0);
    lp_bound_column(&repair->lp, repair->goal, -INFINITY, amount);
    lp_set_cost(&repair->lp, repair->goal, worth);
    lp_begin_with(&repair->lp, repair->goal);
    return true;
}

/* How far a member is to move: up (`direction` 1) or down (−1) to `amount`, or as near to it as can be from `least` on. */
struct way {
    double direction, least, amount;
};

/* Asks for the cheapest table in which the member has moved. */
static enum repair_result solve(struct repair *repair, struct way way)
{
    struct audit *audit = repair->audit;
    uint64_t before = repair->lp.iterations;
    enum lp_result result = lp_maximise(&repair->lp, audit->budget - audit->iterations);
    audit->iterations += repair->lp.iterations - before;
    audit->solves++;
    if (result != LP_OPTIMAL)
        return REPAIR_GAVE_UP;
    return lp_value(&repair->lp, repair->goal) >= way.least - AUDIT_ROUNDING ? REPAIR_DONE : REPAIR_IMPOSSIBLE;
}

static void read_changes(struct repair *repair)
{
    for (size_t u = 0; u < repair->audit->problem->unknown_count; u++) {
        size_t column = repair->column[u];
        repair->change[u] = column == SIZE_MAX ? 0 : lp_value(&repair->lp, column);
        if (column != SIZE_MAX && repair->apart[u])
            repair->change[u] -= lp_value(&repair->lp, column + 1);
    }
}

static double sum_changes(const struct repair *repair, struct protect_view view, int64_t denominator)
{
    double sum = 0;
    for (size_t i = 0; i < view.count; i++)
        sum += (view.coefficients ? view.coefficients[i] : 1)
            * (double)witness_scaled(repair->change[view.members[i]], denominator);
    return sum / (double)denominator;
}

/* A cell that is withheld now may change for nothing. */
static void make_free(struct repair *repair, uint32_t cell)
{
    const struct protect_problem *problem = repair->audit->problem;
    struct protect_view view = problem_view(problem, problem->cells[cell].row);
    size_t column = view.count == 1 ? repair->column[view.members[0]] : repair->slack[cell];
    for (size_t i = 0; i < 2 && column != SIZE_MAX; i++)
        lp_set_cost(&repair->lp, column + i, 0);
}

/* Whether that part of the system is a good place to repair the member: with all of it, less might be lost. */
static bool is_cheap(const struct repair *repair, int64_t denominator)
{
    const size_t most = 6;
    const struct protect_problem *problem = repair->audit->problem;
    size_t count = 0;
    for (uint32_t c = 0; c < problem->cell_count && count <= most; c++)
        count += !repair->withheld[c] && fabs(sum_changes(repair, problem_view(problem, problem->cells[c].row), denominator)) > WITNESS_TOLERANCE;
    return count <= most;
}

static void withhold_changed(struct repair *repair, size_t member, int64_t denominator)
{
    unsigned rule = audit_member_wide(repair->audit, member) ? PROTECT_CONTRIBUTOR : PROTECT_AUDIT;
    const struct protect_problem *problem = repair->audit->problem;
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        struct protect_view view = problem_view(problem, problem->cells[c].row);
        if (repair->withheld[c] || !may_change(repair, c)
            || fabs(sum_changes(repair, view, denominator)) <= WITNESS_TOLERANCE)
            continue;
        repair->withheld[c] |= problem->cells[c].state == PROTECT_FORCED ? PROTECT_FORCED_UNSAFE : rule;
        repair->protects[c] = (uint32_t)member;
        make_free(repair, c);
    }
}

static void keep_witness(struct repair *repair, int64_t denominator)
{
    struct audit *audit = repair->audit;
    witness_begin(&audit->witnesses, denominator);
    for (uint32_t u = 0; u < audit->problem->unknown_count; u++) {
        int64_t change = witness_scaled(repair->change[u], denominator);
        if (change)
            witness_add_change(&audit->witnesses, u, change);
    }
    witness_end(&audit->witnesses);
    doubts_of_witness(audit->problem, &audit->witnesses, audit->witnesses.count - 1, &audit->contradicted);
    for (size_t m = 0; m < audit->member_count; m++)
        audit_note(audit, m, sum_changes(repair, protect_member_view(audit->members, m), denominator));
}

/* One direction of one member. */
static enum repair_result move(struct repair *repair, size_t member, struct way way)
{
    if (!repair->lp.problem)
        return REPAIR_GAVE_UP;
    if (!aim(repair, member, way.direction, way.amount))
        return REPAIR_IMPOSSIBLE;
    enum repair_result result = solve(repair, way);
    if (result == REPAIR_DONE) {
        read_changes(repair);
        int64_t denominator = witness_denominator(repair->change, repair->audit->problem->unknown_count);
        if (repair->local && !is_cheap(repair, denominator)) {
            result = REPAIR_GAVE_UP;
        } else {
            withhold_changed(repair, member, denominator);
            keep_witness(repair, denominator);
        }
    }
    lp_drop_last_row(&repair->lp, repair->goal);
    return result;
}

static enum repair_result rise(struct repair *repair, size_t member, double up)
{
    return repair->audit->ranges[member].high + AUDIT_ROUNDING < up ? move(repair, member, (struct way) { 1, up, up }) : REPAIR_DONE;
}

/* Where earlier publications do not let the member rise over the whole width, it rises as far as they let it and falls for the rest. */
static enum repair_result repair_width(struct repair *repair, size_t member)
{
    struct audit *audit = repair->audit;
    const struct audit_goal *goal = &audit->goals[member];
    const struct audit_range *range = &audit->ranges[member];
    double up = fmax(goal->up, goal->width + ceil(range->low - AUDIT_ROUNDING));
    enum repair_result result = rise(repair, member, up);
    if (result == REPAIR_IMPOSSIBLE)
        result = move(repair, member, (struct way) { 1, fmax(goal->up, 0), up });
    double down = fmax(goal->down, ceil(goal->width - range->high - AUDIT_ROUNDING));
    if (result == REPAIR_DONE && -range->low + AUDIT_ROUNDING < down)
        result = move(repair, member, (struct way) { -1, down, down });
    if (result != REPAIR_DONE)
        return result;
    return audit_member_wide(audit, member) ? REPAIR_DONE : REPAIR_GAVE_UP;
}

/* The bounds of an unknown's columns: as everybody knows them, or narrower. */
static void bound(struct repair *repair, uint32_t unknown, double least, double most)
{
    const struct protect_problem *problem = repair->audit->problem;
    size_t column = repair->column[unknown];
    double lowest = (double)(system_lowest(problem, repair->audit->options, unknown) - problem->unknowns[unknown].cases);
    if (column == SIZE_MAX)
        return;
    least = fmax(least, lowest);
    lp_bound_column(&repair->lp, column, repair->apart[unknown] ? 0 : least, most);
    if (repair->apart[unknown])
        lp_bound_column(&repair->lp, column + 1, 0, -least);
}

static void bound_for_knower(void *repair, uint32_t unknown, int64_t least, bool exact)
{
    bound(repair, unknown, (double)least, exact ? 0 : INFINITY);
}

static void bound_again(void *repair, uint32_t unknown, int64_t least, bool exact)
{
    (void)least;
    (void)exact;
    bound(repair, unknown, -INFINITY, INFINITY);
}

/* Lifts the member in a way that the knower cannot rule out; or lowers it, where what was published before stands against a rise and a fall
 * will do. Where it stands against both, any change is better than none: *narrow. */
static enum repair_result move_against(struct repair *repair, size_t member, uint32_t knower, bool *narrow)
{
    const struct protect_problem *problem = repair->audit->problem;
    const double lift = audit_lift(repair->audit, member);
    doubts_knowledge(problem, knower, bound_for_knower, repair);
    enum repair_result result = move(repair, member, (struct way) { 1, lift, lift });
    if (result == REPAIR_IMPOSSIBLE && audit_lifts(repair->audit, member, -1))
        result = move(repair, member, (struct way) { -1, 1, 1 });
    *narrow = result == REPAIR_IMPOSSIBLE;
    if (*narrow)
        result = move(repair, member, (struct way) { 1, 1, lift });
    if (*narrow && result == REPAIR_IMPOSSIBLE)
        result = move(repair, member, (struct way) { -1, 1, 1 });
    doubts_knowledge(problem, knower, bound_again, repair);
    return result;
}

/* Against one doubter after the other: each witness found dispels others' doubts, too. Whom earlier publications tell too much is
 * let go, alone: the member stays as safe as it can be from all others. */
static enum repair_result repair_doubts(struct repair *repair, size_t member)
{
    struct doubts *doubts = &repair->audit->doubts[member];
    bool any_narrow = false;
    while (doubts->count) {
        size_t before = doubts->count;
        uint32_t knower = doubts->knowers[0];
        bool narrow = false;
        enum repair_result result = move_against(repair, member, knower, &narrow);
        if (result == REPAIR_GAVE_UP)
            return result;
        if (narrow)
            doubts_forget(doubts, knower);
        if (doubts->count == before)
            return REPAIR_GAVE_UP;
        any_narrow = any_narrow || narrow;
    }
    return any_narrow ? REPAIR_NARROW : REPAIR_DONE;
}

static void repair_member(struct repair *repair, size_t member, bool was_wide, enum repair_result *result)
{
    struct audit *audit = repair->audit;
    if (!audit_member_open(audit, member))
        return;
    if (was_wide && !repair->local)
        *result = repair_doubts(repair, member);
    else if (!was_wide && !audit_member_wide(audit, member)) /* its doubts are left to the next search: most need no repair */
        *result = repair_width(repair, member);
}

/* ---- a part of a large system ---- */

/* For each cell the first and the last that it is a child of, or PROTECT_NONE. */
static struct around *find_parents(const struct protect_problem *problem)
{
    struct around *parents = mem_alloc((problem->cell_count + 1) * sizeof *parents);
    memset(parents, 0xff, (problem->cell_count + 1) * sizeof *parents);
    for (size_t f = 0; f < problem->family_count; f++)
        for (size_t i = 0; i < problem->families[f].count; i++) {
            struct around *of = &parents[problem->child[problem->families[f].first + i]];
            of->cells[0] = of->cells[0] == PROTECT_NONE ? problem->families[f].parent : of->cells[0];
            of->cells[1] = problem->families[f].parent;
        }
    return parents;
}

/* The cell above the member below which there is enough to move; PROTECT_NONE if that is nearly everything. */
static uint32_t climb(const struct repair *repair, const struct around *parents, size_t member, int way)
{
    const size_t least = 500, share = 8;
    const struct protect_problem *problem = repair->audit->problem;
    const struct protect_member *of = &repair->audit->members->members[member];
    uint32_t cell = of->cell != PROTECT_NONE ? of->cell : problem->families[of->family].parent;
    while (cell != PROTECT_NONE) {
        size_t count = problem->cells[cell].row.count;
        if (count >= least && count * share >= problem->unknown_count)
            return count * 2 < problem->unknown_count ? cell : PROTECT_NONE;
        cell = parents[cell].cells[way];
    }
    return PROTECT_NONE;
}

static struct around find_around(const struct repair *repair, const struct around *parents, size_t member)
{
    struct around around = { { climb(repair, parents, member, 0), climb(repair, parents, member, 1) } };
    for (int i = 0; i < 2; i++)
        around.cells[i] = around.cells[i] == PROTECT_NONE ? around.cells[!i] : around.cells[i];
    return around;
}

/* What is too narrow for outsiders, in systems that cost little: with all of a large one, each member takes seconds. */
static void repair_around(struct repair *repair, const bool *wide)
{
    const size_t members = repair->audit->member_count;
    struct around *parents = find_parents(repair->audit->problem), *around = mem_zalloc(members, sizeof *around);
    for (size_t m = 0; m < members; m++)
        around[m] = wide[m] || !audit_member_open(repair->audit, m) ? (struct around) { { PROTECT_NONE, PROTECT_NONE } }
                                                                    : find_around(repair, parents, m);
    for (size_t m = 0; m < members; m++) {
        const struct around here = around[m];
        if (here.cells[0] == PROTECT_NONE)
            continue;
        begin(repair, &here);
        for (size_t other = m; other < members; other++) {
            enum repair_result result;
            if (memcmp(&around[other], &here, sizeof here) != 0)
                continue;
            repair_member(repair, other, false, &result); /* what remains open is tried with all */
            around[other].cells[0] = PROTECT_NONE;
        }
        end(repair);
    }
    free(around);
    free(parents);
}

static bool has_open(const struct audit *audit, const bool *wide)
{
    for (size_t m = 0; m < audit->member_count; m++)
        if (audit_member_open(audit, m) && (wide[m] || !audit_member_wide(audit, m)))
            return true;
    return false;
}

void repair_members(struct audit *audit, unsigned *withheld, uint32_t *protects, enum repair_result *results)
{
    struct repair repair = { .audit = audit, .withheld = withheld, .protects = protects };
    bool *wide = mem_zalloc(audit->member_count, sizeof *wide);
    for (size_t m = 0; m < audit->member_count; m++)
        wide[m] = audit_member_wide(audit, m);
    if (!audit->problem->layer_size)
        repair_around(&repair, wide);
    if (has_open(audit, wide)) {
        begin(&repair, NULL);
        for (size_t m = 0; m < audit->member_count; m++)
            repair_member(&repair, m, wide[m], &results[m]);
        end(&repair);
    }
    free(wide);
}
