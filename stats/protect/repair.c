#include "stats/protect/repair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/protect/repair_program.h"

enum { FEW_CELLS = 6 };

struct repair {
    struct audit *audit;
    unsigned *withheld;
    uint32_t *protects;
    struct repair_program program;
    double *change; /* per unknown: what was found */
    bool local;     /* only some unknowns may move: what is impossible may be possible with all */
    size_t most;    /* with `local`: a repair may change so many published cells */
};

/* With `around` not NULL only what is below these cells may move. */
static void begin(struct repair *repair, const struct repair_around *around)
{
    repair->local = around;
    repair->change = mem_zalloc(repair->audit->problem->unknown_count, sizeof *repair->change);
    repair_program_open(&repair->program, repair->audit, repair->withheld, around);
}

static void end(struct repair *repair)
{
    repair_program_close(&repair->program);
    free(repair->change);
}

/* How far a member is to move: up (`direction` 1) or down (−1) to `amount`, or as near to it as can be from `least` on. */
struct way {
    double direction, least, amount;
};

/* Asks for the cheapest table in which the member has moved. */
static enum repair_result solve(struct repair *repair, struct way way)
{
    struct audit *audit = repair->audit;
    uint64_t before = repair->program.lp.iterations;
    enum lp_result result = lp_maximise(&repair->program.lp, audit->budget - audit->iterations);
    audit->iterations += repair->program.lp.iterations - before;
    audit->solves++;
    if (result != LP_OPTIMAL)
        return REPAIR_GAVE_UP;
    return lp_value(&repair->program.lp, repair->program.goal) >= way.least - AUDIT_ROUNDING ? REPAIR_DONE : REPAIR_IMPOSSIBLE;
}

static double sum_changes(const struct repair *repair, struct protect_view view, int64_t denominator)
{
    double sum = 0;
    for (size_t i = 0; i < view.count; i++)
        sum += (view.coefficients ? view.coefficients[i] : 1)
            * (double)witness_scaled(repair->change[view.members[i]], denominator);
    return sum / (double)denominator;
}

/* Whether that part of the system is a good place to repair the member: with all of it, less might be lost. */
static bool is_cheap(const struct repair *repair, int64_t denominator)
{
    const struct protect_problem *problem = repair->audit->problem;
    size_t count = 0;
    for (uint32_t c = 0; c < problem->cell_count && count <= repair->most; c++)
        count += !repair->withheld[c] && fabs(sum_changes(repair, problem_view(problem, problem->cells[c].row), denominator)) > WITNESS_TOLERANCE;
    return count <= repair->most;
}

static void withhold_changed(struct repair *repair, size_t member, int64_t denominator)
{
    unsigned rule = audit_member_wide(repair->audit, member) ? PROTECT_CONTRIBUTOR : PROTECT_AUDIT;
    const struct protect_problem *problem = repair->audit->problem;
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        struct protect_view view = problem_view(problem, problem->cells[c].row);
        if (repair->withheld[c] || !repair_may_change(&repair->program, c)
            || fabs(sum_changes(repair, view, denominator)) <= WITNESS_TOLERANCE)
            continue;
        repair->withheld[c] |= problem->cells[c].state == PROTECT_FORCED ? PROTECT_FORCED_UNSAFE : rule;
        repair->protects[c] = (uint32_t)member;
        repair_program_free(&repair->program, c);
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
    if (!repair->program.lp.problem)
        return REPAIR_GAVE_UP;
    if (!repair_program_aim(&repair->program, member, way.direction, way.amount))
        return REPAIR_IMPOSSIBLE;
    enum repair_result result = solve(repair, way);
    if (result == REPAIR_DONE) {
        repair_program_read(&repair->program, repair->change);
        int64_t denominator = witness_denominator(repair->change, repair->audit->problem->unknown_count);
        if (repair->local && !is_cheap(repair, denominator)) {
            result = REPAIR_GAVE_UP;
        } else {
            withhold_changed(repair, member, denominator);
            keep_witness(repair, denominator);
        }
    }
    lp_drop_last_row(&repair->program.lp, repair->program.goal);
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

static void bound_for_knower(void *program, uint32_t unknown, int64_t least, bool exact)
{
    repair_program_bound(program, unknown, (double)least, exact ? 0 : INFINITY);
}

static void bound_again(void *program, uint32_t unknown, int64_t least, bool exact)
{
    (void)least;
    (void)exact;
    repair_program_bound(program, unknown, -INFINITY, INFINITY);
}

/* Lifts the member in a way that the knower cannot rule out; or lowers it, where what was published before stands against a rise and a fall
 * will do. Where it stands against both, any change is better than none: *narrow. */
static enum repair_result move_against(struct repair *repair, size_t member, uint32_t knower, bool *narrow)
{
    const struct protect_problem *problem = repair->audit->problem;
    const double lift = audit_lift(repair->audit, member);
    doubts_knowledge(problem, knower, bound_for_knower, &repair->program);
    enum repair_result result = move(repair, member, (struct way) { 1, lift, lift });
    if (result == REPAIR_IMPOSSIBLE && audit_lifts(repair->audit, member, -1))
        result = move(repair, member, (struct way) { -1, 1, 1 });
    *narrow = result == REPAIR_IMPOSSIBLE && !repair->local;
    if (*narrow)
        result = move(repair, member, (struct way) { 1, 1, lift });
    if (*narrow && result == REPAIR_IMPOSSIBLE)
        result = move(repair, member, (struct way) { -1, 1, 1 });
    doubts_knowledge(problem, knower, bound_again, &repair->program);
    return result;
}

/* Against one doubter after the other: each witness found dispels others' doubts, too. Whom earlier publications tell too much is
 * let go, alone: the member stays as safe as it can be from all others. */
static enum repair_result repair_doubts(struct repair *repair, size_t member)
{
    struct doubts *doubts = &repair->audit->doubts[member];
    while (doubts->count) {
        size_t before = doubts->count;
        uint32_t knower = doubts->knowers[0];
        bool narrow = false;
        enum repair_result result = move_against(repair, member, knower, &narrow);
        if (result == REPAIR_GAVE_UP || (result == REPAIR_IMPOSSIBLE && repair->local))
            return result;
        if (narrow)
            doubts_forget(doubts, knower);
        if (doubts->count == before)
            return REPAIR_GAVE_UP;
    }
    return REPAIR_DONE;
}

static void repair_member(struct repair *repair, size_t member, bool was_wide, enum repair_result *result)
{
    struct audit *audit = repair->audit;
    if (!audit_member_open(audit, member))
        return;
    if (was_wide && (!repair->local || audit_is_large(repair->audit)))
        *result = repair_doubts(repair, member);
    else if (!was_wide && !audit_member_wide(audit, member)) /* its doubts are left to the next search: most need no repair */
        *result = repair_width(repair, member);
}

/* ---- a part of a large system ---- */

/* For each cell the first and the last that it is a child of, or PROTECT_NONE. */
static struct repair_around *find_parents(const struct protect_problem *problem)
{
    struct repair_around *parents = mem_alloc((problem->cell_count + 1) * sizeof *parents);
    memset(parents, 0xff, (problem->cell_count + 1) * sizeof *parents);
    for (size_t f = 0; f < problem->family_count; f++)
        for (size_t i = 0; i < problem->families[f].count; i++) {
            struct repair_around *of = &parents[problem->child[problem->families[f].first + i]];
            of->cells[0] = of->cells[0] == PROTECT_NONE ? problem->families[f].parent : of->cells[0];
            of->cells[1] = problem->families[f].parent;
        }
    return parents;
}

/* The cell above the member below which there is enough to move; PROTECT_NONE if that is nearly everything. */
static uint32_t climb(const struct repair *repair, const struct repair_around *parents, size_t member, int way)
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

static struct repair_around find_around(const struct repair *repair, const struct repair_around *parents, size_t member)
{
    struct repair_around around = { { climb(repair, parents, member, 0), climb(repair, parents, member, 1) } };
    for (int i = 0; i < 2; i++)
        around.cells[i] = around.cells[i] == PROTECT_NONE ? around.cells[!i] : around.cells[i];
    return around;
}

/* Members in the order of repair; what was repaired. */
struct queue {
    uint32_t *members;
    bool *touched; /* per unknown: of a member that was repaired since the last search */
};

static size_t size_of(const struct repair *repair, uint32_t member)
{
    return repair->audit->members->members[member].count;
}

static int compare_sizes(const void *left, const void *right, void *repair)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    const size_t size_a = size_of(repair, a), size_b = size_of(repair, b);
    if (size_a != size_b)
        return size_a > size_b ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* In a large system the widest first: what is within them is often safe with them, and is left to the next search. */
static void queue_init(struct queue *queue, struct repair *repair)
{
    const size_t members = repair->audit->member_count;
    queue->members = mem_alloc((members + 1) * sizeof *queue->members);
    queue->touched = mem_zalloc(repair->audit->problem->unknown_count, sizeof *queue->touched);
    for (uint32_t m = 0; m < members; m++)
        queue->members[m] = m;
    if (audit_is_large(repair->audit) && members)
        qsort_r(queue->members, members, sizeof *queue->members, compare_sizes, repair);
}

static void queue_release(struct queue *queue)
{
    free(queue->members);
    free(queue->touched);
}

static bool is_touched(const struct queue *queue, struct protect_view view)
{
    for (size_t i = 0; i < view.count; i++)
        if (queue->touched[view.members[i]])
            return true;
    return false;
}

/* Repairs the member unless that is to wait for a search. */
static void repair_queued(struct repair *repair, struct queue *queue, size_t member, bool was_wide)
{
    const struct protect_view view = protect_member_view(repair->audit->members, member);
    const size_t witnesses = repair->audit->witnesses.count;
    enum repair_result result; /* what remains open is tried with all */
    if (audit_is_large(repair->audit) && is_touched(queue, view))
        return;
    repair_member(repair, member, was_wide, &result);
    for (size_t i = 0; i < view.count && repair->audit->witnesses.count > witnesses; i++)
        queue->touched[view.members[i]] = true;
}

/* In systems that cost little, of a small one only what is too narrow for outsiders: with all of a large one, each member takes seconds. */
static void repair_around(struct repair *repair, const bool *wide, size_t most)
{
    const bool all = audit_is_large(repair->audit);
    repair->most = most;
    const size_t members = repair->audit->member_count;
    struct repair_around *parents = find_parents(repair->audit->problem), *around = mem_zalloc(members, sizeof *around);
    for (size_t m = 0; m < members; m++)
        around[m] = (wide[m] && !all) || !audit_member_open(repair->audit, m) ? (struct repair_around) { { PROTECT_NONE, PROTECT_NONE } }
                                                                    : find_around(repair, parents, m);
    struct queue queue;
    queue_init(&queue, repair);
    for (size_t i = 0; i < members; i++) {
        const struct repair_around here = around[queue.members[i]];
        if (here.cells[0] == PROTECT_NONE)
            continue;
        begin(repair, &here);
        for (size_t j = i; j < members; j++) {
            const uint32_t other = queue.members[j];
            if (memcmp(&around[other], &here, sizeof here) != 0)
                continue;
            repair_queued(repair, &queue, other, wide[other]);
            around[other].cells[0] = PROTECT_NONE;
        }
        end(repair);
    }
    queue_release(&queue);
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

/* What there is to do: members that are too narrow, and doubts. */
static size_t count_left(const struct audit *audit)
{
    size_t count = 0;
    for (size_t m = 0; m < audit->member_count; m++)
        if (audit_member_open(audit, m))
            count += audit_member_wide(audit, m) ? doubts_count(&audit->doubts[m]) : 1 + audit->problem->contribution_count;
    return count;
}

bool repair_members(struct audit *audit, unsigned *withheld, uint32_t *protects, enum repair_result *results)
{
    struct repair repair = { .audit = audit, .withheld = withheld, .protects = protects };
    bool *wide = mem_zalloc(audit->member_count, sizeof *wide);
    for (size_t m = 0; m < audit->member_count; m++)
        wide[m] = audit_member_wide(audit, m);
    const size_t before = count_left(audit);
    if (!audit->problem->layer_size)
        repair_around(&repair, wide, FEW_CELLS);
    if (audit_is_large(audit) && count_left(audit) == before)
        repair_around(&repair, wide, SIZE_MAX);
    if (has_open(audit, wide) && !(audit_is_large(audit) && count_left(audit) < before)) {
        begin(&repair, NULL);
        for (size_t m = 0; m < audit->member_count; m++)
            repair_member(&repair, m, wide[m], &results[m]);
        end(&repair);
    }
    free(wide);
    return count_left(audit) < before;
}
