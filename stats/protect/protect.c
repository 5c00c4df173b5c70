#include "stats/protect/protect.h"

#include <stdlib.h>
#include <string.h>

#include "stats/protect/certify.h"
#include "stats/protect/eliminate.h"
#include "stats/protect/mix.h"
#include "stats/protect/remainder.h"
#include "stats/protect/repair.h"
#include "stats/protect/spare.h"

/* Search and repair alternate at most this often; one or two rounds are the rule, some more for a large system. */
enum { MOST_ROUNDS = 30, MOST_SPARING_ROUNDS = 4 };

struct run {
    const struct protect_problem *problem;
    const struct protect_options *options;
    struct protect_result *result;
    struct primary_judge judge;
    struct audit audit;
};

static bool has_remainder_rule(const struct protect_options *options)
{
    return !options->plain && !(options->disabled & PROTECT_REMAINDER);
}

static void begin(struct run *run)
{
    struct protect_result *result = run->result;
    size_t cells = run->problem->cell_count;
    result->withheld = mem_zalloc(cells, sizeof *result->withheld);
    result->protects = memset(mem_alloc(cells * sizeof *result->protects + 1), 0xff, cells * sizeof *result->protects);
    for (size_t c = 0; c < cells; c++)
        if (run->problem->cells[c].state == PROTECT_UNAVAILABLE)
            result->withheld[c] = PROTECT_DROPPED;
    primary_judge_init(&run->judge, run->problem, run->options);
}

static size_t count_withheld(const struct protect_result *result, size_t cells, unsigned rules)
{
    size_t count = 0;
    for (size_t c = 0; c < cells; c++)
        count += (result->withheld[c] & rules) != 0;
    return count;
}

/* Repairs what the search left open. Returns whether that got on. */
static bool repair(struct run *run)
{
    struct protect_result *result = run->result;
    size_t before = count_withheld(result, run->problem->cell_count, ~0u);
    enum repair_result *results = mem_zalloc(run->audit.member_count, sizeof *results);
    bool better = repair_members(&run->audit, result->withheld, result->protects, results);
    for (size_t m = 0; m < run->audit.member_count; m++) {
        if (results[m] == REPAIR_IMPOSSIBLE)
            result->members.members[m].lost = true;
        result->members.members[m].narrow = run->audit.doubts[m].let_go_count > 0;
    }
    free(results);
    if (has_remainder_rule(run->options))
        remainder_enforce(&run->judge, result->withheld, &result->members);
    audit_grow(&run->audit);
    return better || count_withheld(result, run->problem->cell_count, ~0u) > before;
}

/* True if every member is safe or lost. */
static bool audit_and_repair(struct run *run)
{
    struct protect_report *report = &run->result->report;
    bool first = true;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        audit_search(&run->audit, run->result->withheld);
        report->rounds++;
        if (first)
            report->open_before_repair = audit_open_count(&run->audit);
        first = false;
        if (!audit_open_count(&run->audit))
            return true;
        bool changed = repair(run);
        if (!changed && audit_open_count(&run->audit))
            return false;
    }
    return false;
}

/* The table that goes: the last of those that the first open member lies in. */
static uint64_t choose_table(const struct run *run)
{
    uint64_t tables = 0;
    for (size_t m = 0; m < run->audit.member_count && !tables; m++) {
        const struct protect_member *member = &run->result->members.members[m];
        if (!audit_member_open(&run->audit, m))
            continue;
        uint32_t cell = member->cell != PROTECT_NONE ? member->cell : run->problem->families[member->family].parent;
        tables = run->problem->cells[cell].tables & ~run->result->report.dropped_tables;
    }
    while (tables & (tables - 1))
        tables &= tables - 1;
    return tables;
}

static void withhold_tables(struct run *run, uint64_t dropped)
{
    for (size_t c = 0; c < run->problem->cell_count; c++) {
        const struct protect_cell *cell = &run->problem->cells[c];
        if (cell->state != PROTECT_PUBLISHED && !(cell->tables & ~dropped))
            run->result->withheld[c] |= PROTECT_DROPPED;
    }
}

/* Drops tables until the rest is safe. */
static void drop_unsafe_tables(struct run *run)
{
    while (!audit_and_repair(run)) {
        uint64_t table = choose_table(run);
        run->result->report.dropped_tables |= table ? table : UINT64_MAX;
        withhold_tables(run, run->result->report.dropped_tables);
        if (!table)
            return;
        run->audit.budget += run->options->budget ? run->options->budget : PROTECT_BUDGET;
    }
}

/* Takes back what was withheld for nothing. Remainders become smaller by it, which may cost other cells, and so on; what is left after the last
 * round stays withheld. */
static void audit_tables(struct run *run)
{
    struct protect_result *result = run->result;
    drop_unsafe_tables(run);
    for (int round = 0; round < MOST_SPARING_ROUNDS; round++) {
        size_t spared = spare_publish(&run->audit, result->withheld, result->protects);
        if (!spared)
            return;
        result->report.spared += spared;
        if (has_remainder_rule(run->options))
            remainder_enforce(&run->judge, result->withheld, &result->members);
        audit_grow(&run->audit);
        drop_unsafe_tables(run);
    }
}

static size_t count_fractional(const struct audit *audit)
{
    size_t count = 0;
    for (size_t m = 0; m < audit->member_count; m++) {
        const struct audit_goal *goal = &audit->goals[m];
        const struct audit_range *range = &audit->ranges[m];
        bool whole = range->whole_high >= goal->up && -range->whole_low >= goal->down
            && range->whole_high - range->whole_low >= goal->width;
        count += !whole && audit_member_wide(audit, m);
    }
    return count;
}

static bool *find_reached(const struct audit *audit)
{
    const struct protect_problem *problem = audit->problem;
    bool *reached = mem_zalloc(problem->unknown_count, sizeof *reached);
    for (size_t u = 0; u < problem->unknown_count; u++)
        reached[u] = problem->unknowns[u].cases > 0;
    for (size_t w = 0; w < audit->witnesses.count; w++) {
        const struct witness *witness = &audit->witnesses.witnesses[w];
        for (size_t i = witness->first; i < witness->first + witness->count; i++) {
            const struct witness_change *change = &audit->witnesses.changes[i];
            if ((double)change->change > 1e-3 * (double)witness->denominator)
                reached[change->unknown] = true;
        }
    }
    return reached;
}

static int audit_pattern(struct run *run, struct err *err)
{
    struct protect_result *result = run->result;
    struct audit *audit = &run->audit;
    audit_init(audit, run->problem, run->options, &result->members);
    audit_tables(run);
    result->report.iterations = audit->iterations;
    result->report.budget = audit->budget;
    result->report.solves = audit->solves;
    result->report.witnesses = audit->witnesses.count;
    result->report.mixtures = audit->mixture_count;
    result->report.members_fractional = count_fractional(audit);
    int code = result->report.dropped_tables == UINT64_MAX ? 0 : certify(audit, result->withheld, err);
    result->reached = find_reached(audit);
    result->ranges = audit->ranges;
    audit->ranges = NULL;
    audit_release(audit);
    return code;
}

static void count(struct run *run)
{
    struct protect_result *result = run->result;
    struct protect_report *report = &result->report;
    for (size_t c = 0; c < run->problem->cell_count; c++) {
        unsigned rules = result->withheld[c];
        if (rules & PROTECT_PRIMARY)
            report->primary++;
        else if (rules & (PROTECT_ELIMINATION | PROTECT_SINGLETON))
            report->eliminated++;
        else if (rules & PROTECT_REMAINDER)
            report->remainders++;
        else if (rules & (PROTECT_AUDIT | PROTECT_CONTRIBUTOR))
            report->repaired++;
    }
    report->members = result->members.count;
    for (size_t m = 0; m < result->members.count; m++)
        report->members_lost += result->members.members[m].lost || result->members.members[m].narrow;
}

int protect_run(const struct protect_problem *problem, const struct protect_options *options,
                struct protect_result *result, struct err *err)
{
    *result = (struct protect_result) { 0 };
    struct run run = { .problem = problem, .options = options, .result = result };
    begin(&run);
    primary_find(&run.judge, result->withheld, &result->members);
    int code = eliminate(problem, options, &result->members, result->withheld, result->protects, err);
    if (!code && has_remainder_rule(options))
        remainder_enforce(&run.judge, result->withheld, &result->members);
    result->report.cells_before_audit = count_withheld(result, problem->cell_count, ~0u);
    result->withheld_before_audit = mem_zalloc(problem->cell_count, sizeof *result->withheld_before_audit);
    for (size_t c = 0; c < problem->cell_count; c++)
        result->withheld_before_audit[c] = result->withheld[c] != 0;
    if (!code && options->audit != PROTECT_AUDIT_OFF)
        code = audit_pattern(&run, err);
    count(&run);
    primary_judge_release(&run.judge);
    if (code)
        protect_result_release(result);
    return code;
}

void protect_result_release(struct protect_result *result)
{
    free(result->withheld);
    free(result->withheld_before_audit);
    free(result->protects);
    free(result->ranges);
    free(result->reached);
    protect_members_release(&result->members);
    *result = (struct protect_result) { 0 };
}

struct protect_remainder *protect_list_remainders(const struct protect_problem *problem, const unsigned *withheld,
                                                  size_t *count)
{
    struct protect_remainder *list = NULL;
    size_t capacity = 0;
    struct remainder remainder;
    *count = 0;
    remainder_init(&remainder, problem, withheld);
    for (uint32_t f = 0; f < problem->family_count; f++) {
        if (withheld[problem->families[f].parent] || !remainder_plain(&remainder, f))
            continue;
        int64_t cases = 0;
        for (size_t i = 0; i < remainder.count; i++)
            cases += problem->unknowns[remainder.unknowns[i]].cases;
        if (!cases)
            continue;
        MEM_GROW(list, *count, capacity);
        list[(*count)++] = (struct protect_remainder) { f, cases };
    }
    remainder_release(&remainder);
    return list;
}
