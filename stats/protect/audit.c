#include "stats/protect/audit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


/* Both sides of a sum (PROTECTION 5.2). The p %-rule asks for p % of the greatest less all but the two greatest; the whole of
 * p % also covers members of few persons of the same size. */
static struct audit_goal goal_of_amount(const struct protect_options *options, const struct protect_member *member)
{
    const double default_percent = 10;
    double percent = options->p_percent > 0 ? options->p_percent : default_percent;
    double needed = fmax(ceil(percent / 100 * (double)member->heaviest), 1);
    double down = fmin(needed, (double)member->cases);
    return (struct audit_goal) { .up = needed, .down = down, .width = needed + down };
}

/* All the cases that the member is some of. */
static double cases_around(const struct audit *audit, size_t member)
{
    const struct protect_problem *problem = audit->problem;
    struct protect_view view = protect_member_view(audit->members, member);
    double cases = 0;
    for (size_t i = 0; i < view.count; i++)
        cases += (double)problem->unknowns[view.members[i] % problem->layer_size].cases;
    return cases;
}

/* Of contributors nothing is told where they may be none or all of the cases. */
static struct audit_goal goal_of(const struct audit *audit, size_t m)
{
    const struct protect_options *options = audit->options;
    const struct protect_member *member = &audit->members->members[m];
    if (options->amounts || member->is_amount)
        return goal_of_amount(options, member);
    double heaviest = member->heaviest > 0 ? (double)member->heaviest : 1;
    struct audit_goal goal = { .up = (double)(options->k - member->cases), .width = (double)options->k * heaviest };
    if (audit->problem->layer_size && member->count && audit->members->unknown[member->first] >= audit->problem->layer_size)
        goal.width = fmin(goal.width, cases_around(audit, m));
    return goal;
}

void audit_init(struct audit *audit, const struct protect_problem *problem, const struct protect_options *options,
                const struct protect_members *members)
{
    *audit = (struct audit) { .problem = problem, .options = options, .members = members };
    audit->budget = options->budget ? options->budget : PROTECT_BUDGET;
    audit_grow(audit);
}

static void note(struct audit *audit, size_t member, double gain, bool whole)
{
    struct audit_range *range = &audit->ranges[member];
    range->low = fmin(range->low, gain);
    range->high = fmax(range->high, gain);
    range->whole_low = whole ? fmin(range->whole_low, gain) : range->whole_low;
    range->whole_high = whole ? fmax(range->whole_high, gain) : range->whole_high;
    if (audit_lifts(audit, member, gain) && !(audit->options->disabled & PROTECT_CONTRIBUTOR))
        doubts_meet(&audit->doubts[member], &audit->contradicted);
}

/* What an old witness says about a new member. */
static void recall(struct audit *audit, size_t member, size_t witness, double gain)
{
    if (gain == 0)
        return;
    doubts_of_witness(audit->problem, &audit->witnesses, witness, &audit->contradicted);
    note(audit, member, gain, audit->witnesses.witnesses[witness].denominator == 1);
}

static void recall_all(struct audit *audit, size_t before)
{
    struct witness_index index;
    size_t count = audit->witnesses.count;
    double *gain = mem_zalloc(count, sizeof *gain);
    witness_index_init(&index, &audit->witnesses, audit->problem->unknown_count);
    for (size_t m = before; m < audit->member_count; m++) {
        struct protect_view view = protect_member_view(audit->members, m);
        memset(gain, 0, count * sizeof *gain);
        for (size_t i = 0; i < view.count; i++)
            for (size_t at = index.first[view.members[i]]; at < index.first[view.members[i] + 1]; at++)
                gain[index.witness[at]] += index.change[at];
        for (size_t w = 0; w < count; w++)
            recall(audit, m, w, gain[w]);
    }
    witness_index_release(&index);
    free(gain);
}

void audit_grow(struct audit *audit)
{
    size_t count = audit->members->count, before = audit->member_count;
    audit->goals = mem_resize(audit->goals, count, sizeof *audit->goals);
    audit->ranges = mem_resize(audit->ranges, count, sizeof *audit->ranges);
    audit->doubts = mem_resize(audit->doubts, count, sizeof *audit->doubts);
    for (size_t m = before; m < count; m++) {
        audit->goals[m] = goal_of(audit, m);
        audit->ranges[m] = (struct audit_range) { 0 };
        doubts_init(&audit->doubts[m], audit->problem, audit->members, m);
    }
    audit->gain = mem_resize(audit->gain, count, sizeof *audit->gain);
    audit->touched = mem_resize(audit->touched, count, sizeof *audit->touched);
    audit->stamp = mem_resize(audit->stamp, count, sizeof *audit->stamp);
    memset(audit->stamp + before, 0, (count - before) * sizeof *audit->stamp);
    audit->member_count = count;
    if (before < count && audit->witnesses.count)
        recall_all(audit, before);
}

void audit_release(struct audit *audit)
{
    for (size_t m = 0; m < audit->member_count; m++)
        doubts_release(&audit->doubts[m]);
    free(audit->doubts);
    free(audit->contradicted.list);
    free(audit->mixtures);
    free(audit->goals);
    free(audit->ranges);
    free(audit->gain);
    free(audit->touched);
    free(audit->stamp);
    witness_set_release(&audit->witnesses);
    *audit = (struct audit) { 0 };
}

bool audit_spent(const struct audit *audit)
{
    return audit->iterations >= audit->budget;
}

bool audit_is_large(const struct audit *audit)
{
    const size_t most = 8000;
    return !audit->problem->layer_size && audit->problem->unknown_count > most;
}

bool audit_member_wide(const struct audit *audit, size_t member)
{
    const struct audit_goal *goal = &audit->goals[member];
    const struct audit_range *range = &audit->ranges[member];
    double low = ceil(range->low - AUDIT_ROUNDING), high = floor(range->high + AUDIT_ROUNDING);
    return high >= goal->up && -low >= goal->down && high - low >= goal->width;
}

bool audit_member_open(const struct audit *audit, size_t member)
{
    bool safe = audit_member_wide(audit, member) && !doubts_count(&audit->doubts[member]);
    return !audit->members->members[member].lost && !safe;
}

size_t audit_open_count(const struct audit *audit)
{
    size_t count = 0;
    for (size_t m = 0; m < audit->member_count; m++)
        count += audit_member_open(audit, m);
    return count;
}

double audit_lift(const struct audit *audit, size_t member)
{
    return fmax(audit->goals[member].up - 1, 1);
}

bool audit_lifts(const struct audit *audit, size_t member, double gain)
{
    if (audit->members->members[member].is_rest) /* there is no contributor whose view it could be */
        return false;
    bool down = audit->goals[member].up < 2 && -gain + AUDIT_ROUNDING >= 1;
    return down || gain + AUDIT_ROUNDING >= audit_lift(audit, member);
}

void audit_note(struct audit *audit, size_t member, double gain)
{
    note(audit, member, gain, audit->witnesses.witnesses[audit->witnesses.count - 1].denominator == 1);
}
