#include "stats/protection_engine.h"

#include <stdlib.h>
#include <string.h>

#include "stats/protect/audit.h"
#include "stats/protect/certify.h"
#include "stats/protect/eliminate.h"
#include "stats/protect/primary.h"
#include "stats/protect/remainder.h"
#include "stats/protect/repair.h"

/* One attempt with the tables that are left. */
struct attempt {
    const struct protect_problem *problem;
    const struct protect_options *options;
    struct primary_judge judge;
    struct protect_members members;
    struct audit audit;
    uint32_t *protects;
    unsigned *withheld;
};

static void begin(struct attempt *attempt)
{
    memset(attempt->withheld, 0, attempt->problem->cell_count * sizeof *attempt->withheld);
    attempt->protects = mem_alloc(attempt->problem->cell_count * sizeof *attempt->protects);
    for (size_t c = 0; c < attempt->problem->cell_count; c++)
        attempt->protects[c] = PROTECT_NONE;
    primary_judge_init(&attempt->judge, attempt->problem, attempt->options);
    primary_find(&attempt->judge, attempt->withheld, &attempt->members);
    for (size_t c = 0; c < attempt->problem->cell_count; c++)
        if (attempt->problem->cells[c].state == PROTECT_UNAVAILABLE)
            attempt->withheld[c] |= PROTECT_DROPPED;
}

static void end(struct attempt *attempt)
{
    audit_release(&attempt->audit);
    protect_members_release(&attempt->members);
    primary_judge_release(&attempt->judge);
    free(attempt->protects);
}

static void count_rules(const struct attempt *attempt, struct protection_counts *counts)
{
    for (size_t c = 0; c < attempt->problem->cell_count; c++) {
        if (attempt->problem->cells[c].state == PROTECT_UNAVAILABLE)
            continue;
        counts->cells++;
        if (attempt->withheld[c] & PROTECT_PRIMARY)
            counts->primary++;
        else if (attempt->withheld[c] & PROTECT_AUDIT)
            counts->repaired++;
        else if (attempt->withheld[c])
            counts->secondary++;
    }
    for (size_t m = 0; m < attempt->members.count; m++)
        counts->lost += attempt->members.members[m].lost;
    counts->iterations += attempt->audit.iterations;
}

static uint64_t tables_of(const struct attempt *attempt, size_t m)
{
    const struct protect_member *member = &attempt->members.members[m];
    uint32_t cell = member->cell;
    if (cell == PROTECT_NONE)
        cell = (uint32_t)attempt->problem->families[member->family].parent;
    return attempt->problem->cells[cell].tables;
}

/* The tables that hold a member which is still open: they cannot be published. */
static uint64_t find_unsafe_tables(const struct attempt *attempt)
{
    uint64_t tables = 0;
    for (size_t m = 0; m < attempt->members.count; m++)
        if (audit_member_open(&attempt->audit, m))
            tables |= tables_of(attempt, m);
    return tables;
}

/* *unsafe: tables to be dropped; 0: the pattern is certified. */
static int try_once(struct attempt *attempt, uint64_t *unsafe, struct err *err)
{
    begin(attempt);
    int code = eliminate(attempt->problem, attempt->options, &attempt->members, attempt->withheld, attempt->protects, err);
    if (code)
        return code;
    remainder_enforce(&attempt->judge, attempt->withheld);
    audit_init(&attempt->audit, attempt->problem, attempt->options, &attempt->members);
    audit_search(&attempt->audit, attempt->withheld);
    if (audit_open_count(&attempt->audit)) {
        enum repair_result *results = mem_zalloc(attempt->members.count, sizeof *results);
        repair_members(&attempt->audit, attempt->withheld, attempt->protects, results);
        free(results);
    }
    remainder_enforce(&attempt->judge, attempt->withheld);
    *unsafe = find_unsafe_tables(attempt);
    return *unsafe ? 0 : certify(&attempt->audit, attempt->withheld, err);
}

static void drop(struct protect_problem *problem, uint64_t tables, struct protection_counts *counts)
{
    for (size_t c = 0; c < problem->cell_count; c++)
        if (problem->cells[c].tables & tables)
            problem->cells[c].state = PROTECT_UNAVAILABLE;
    counts->dropped_tables += (uint64_t)__builtin_popcountll(tables);
}

int protection_run(struct protect_problem *problem, const struct protect_options *options, unsigned *withheld,
                   struct protection_counts *counts, struct err *err)
{
    uint64_t unsafe = 1;
    int code = 0;
    for (int round = 0; unsafe && !code && round <= PROTECT_MAX_TABLES; round++) {
        struct attempt attempt = { .problem = problem, .options = options, .withheld = withheld };
        code = try_once(&attempt, &unsafe, err);
        if (!code && unsafe)
            drop(problem, unsafe, counts);
        if (!code && !unsafe)
            count_rules(&attempt, counts);
        end(&attempt);
    }
    if (!code && unsafe)
        code = err_set(err, ERR_INTERNAL, "protection found no safe pattern");
    return code;
}
