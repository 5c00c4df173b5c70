/* Turning the floating-point answers of linear programs into exact witnesses. */
#include <math.h>

#include "stats/protect/audit.h"

static void add_gain(struct audit *audit, uint32_t member, int64_t change)
{
    if (audit->stamp[member] != audit->now) {
        audit->stamp[member] = audit->now;
        audit->gain[member] = 0;
        audit->touched[audit->touched_count++] = member;
    }
    audit->gain[member] += change;
}

/* What every member gains, times the denominator. */
static void add_gains(struct audit *audit, const struct system *system, const struct block *block,
                      const double *changes, int64_t denominator)
{
    audit->touched_count = 0;
    audit->now++;
    for (size_t i = 0; i < block->variable_count; i++) {
        int64_t change = witness_scaled(changes[i], denominator);
        uint32_t v = block->variables[i];
        if (!change)
            continue;
        for (size_t j = system->first_member_of[v]; j < system->first_member_of[v + 1]; j++)
            add_gain(audit, system->member_of[j], change);
    }
}

/* Whether an open member's range grows, or its doubts shrink. */
static bool is_useful(const struct audit *audit, int64_t denominator)
{
    const double least = 1e-6;
    for (size_t i = 0; i < audit->touched_count; i++) {
        uint32_t m = audit->touched[i];
        double gain = (double)audit->gain[m] / (double)denominator;
        const struct audit_range *range = &audit->ranges[m];
        if (!audit_member_open(audit, m))
            continue;
        if (!audit_member_wide(audit, m) && (gain > range->high + least || gain < range->low - least))
            return true;
        if (audit_lifts(audit, m, gain)
            && doubts_would_shrink(&audit->doubts[m], &audit->contradicted))
            return true;
    }
    return false;
}

static bool is_whole(double x)
{
    return x == nearbyint(x) && fabs(x) < 1e9;
}

/* A row of whole coefficients must be kept exactly, unless the changes are inexact: then, and with real coefficients, to the
 * precision that is claimed for them. */
static bool keeps_row(const struct block *block, size_t row, const double *changes, int64_t denominator)
{
    bool whole = true;
    int64_t exact = 0;
    double sum = 0, size = 0;
    for (size_t i = block->first_entry[row]; i < block->first_entry[row + 1]; i++) {
        int64_t change = witness_scaled(changes[block->entries[i].variable], denominator);
        double coefficient = block->entries[i].coefficient;
        whole = whole && is_whole(coefficient);
        exact += whole ? (int64_t)coefficient * change : 0;
        sum += coefficient * (double)change;
        size += fabs(coefficient * (double)change);
    }
    if (whole && !witness_is_inexact(denominator))
        return exact == 0;
    return fabs(sum) <= WITNESS_TOLERANCE * (double)denominator + 1e-9 * size;
}

static double lowest_change(const struct system *system, uint32_t variable)
{
    return (double)(system->lowest[variable] - system->truth[variable]);
}

static bool is_feasible(const struct system *system, const struct block *block, const double *changes,
                        int64_t denominator)
{
    for (size_t i = 0; i < block->variable_count; i++) {
        uint32_t v = block->variables[i];
        double slack = witness_is_inexact(denominator) ? WITNESS_TOLERANCE * (double)denominator : 0;
        if ((double)witness_scaled(changes[i], denominator) < (double)denominator * lowest_change(system, v) - slack)
            return false;
    }
    for (size_t r = 0; r < block->row_count; r++)
        if (!keeps_row(block, r, changes, denominator))
            return false;
    return true;
}

/* A variable stands for several unknowns: a rise goes to the first, a fall is shared as each can bear. */
static void spread(struct audit *audit, const struct system *system, uint32_t variable, int64_t change,
                   int64_t denominator)
{
    for (size_t i = system->first_unknown_of[variable]; change && i < system->first_unknown_of[variable + 1]; i++) {
        uint32_t u = system->unknown_of[i];
        int64_t lowest = system_lowest(audit->problem, audit->options, u) - audit->problem->unknowns[u].cases;
        int64_t part = change < denominator * lowest ? denominator * lowest : change;
        if (part)
            witness_add_change(&audit->witnesses, u, part);
        change -= part;
    }
}

bool audit_harvest(struct audit *audit, const struct system *system, const struct block *block, const double *changes)
{
    int64_t denominator = witness_denominator(changes, block->variable_count);
    if (!is_feasible(system, block, changes, denominator))
        return false;
    witness_begin(&audit->witnesses, denominator);
    for (size_t i = 0; i < block->variable_count; i++)
        spread(audit, system, block->variables[i], witness_scaled(changes[i], denominator), denominator);
    witness_end(&audit->witnesses);
    doubts_of_witness(audit->problem, &audit->witnesses, audit->witnesses.count - 1, &audit->contradicted);
    add_gains(audit, system, block, changes, denominator);
    if (!is_useful(audit, denominator)) {
        witness_drop_last(&audit->witnesses);
        return false;
    }
    for (size_t i = 0; i < audit->touched_count; i++)
        audit_note(audit, audit->touched[i], (double)audit->gain[audit->touched[i]] / (double)denominator);
    return true;
}
