#include "stats/protect/primary.h"

#include <stdlib.h>

#include "core/err.h"
#include "stats/protect/remainder.h"

enum { MOST_DOMINANT = 8 };

void primary_judge_init(struct primary_judge *judge, const struct protect_problem *problem,
                        const struct protect_options *options)
{
    BUG_ON(options->dominance_persons > MOST_DOMINANT);
    *judge = (struct primary_judge) { .problem = problem, .options = options };
    persons_init(&judge->persons, problem);
    judge->cases_of = mem_zalloc((size_t)problem->person_count + 1, sizeof *judge->cases_of);
    judge->met = mem_zalloc((size_t)problem->person_count + 1, sizeof *judge->met);
}

void primary_judge_release(struct primary_judge *judge)
{
    persons_release(&judge->persons);
    free(judge->cases_of);
    free(judge->met);
    *judge = (struct primary_judge) { 0 };
}

static void add_unknown(struct primary_judge *judge, uint32_t unknown, struct primary_verdict *verdict)
{
    const struct protect_problem *problem = judge->problem;
    for (size_t i = problem->first_contribution[unknown]; i < problem->first_contribution[unknown + 1]; i++) {
        const struct protect_contribution *one = &problem->contributions[i];
        verdict->cases += one->cases;
        judge->any = true;
        if (!one->cases)
            continue;
        if (one->person == PROTECT_EACH_CASE) {
            verdict->persons += (uint64_t)one->cases;
            verdict->heaviest = verdict->heaviest ? verdict->heaviest : 1;
            continue;
        }
        if (persons_meet(&judge->persons, one->person)) {
            judge->met[judge->met_count++] = one->person;
            judge->cases_of[one->person] = 0;
        }
        judge->cases_of[one->person] += one->cases;
    }
}

/* The greatest shares of single persons, descending. */
static void find_greatest(struct primary_judge *judge, int64_t greatest[MOST_DOMINANT])
{
    for (size_t i = 0; i < judge->met_count; i++) {
        int64_t cases = judge->cases_of[judge->met[i]];
        for (int rank = 0; rank < MOST_DOMINANT && cases; rank++) {
            if (cases <= greatest[rank])
                continue;
            int64_t lower = greatest[rank];
            greatest[rank] = cases;
            cases = lower;
        }
    }
}

static unsigned concentration_rules(const struct protect_options *options, const int64_t greatest[MOST_DOMINANT],
                                    int64_t total)
{
    unsigned rules = 0;
    int64_t dominant = 0;
    for (uint32_t i = 0; i < options->dominance_persons; i++)
        dominant += greatest[i];
    if (options->dominance_persons && (double)dominant * 100 > options->dominance_percent * (double)total)
        rules |= PROTECT_DOMINANCE;
    int64_t others = total - greatest[0] - greatest[1];
    if (options->p_percent > 0 && (double)others * 100 < options->p_percent * (double)greatest[0])
        rules |= PROTECT_P_PERCENT;
    return rules;
}

static unsigned union_rules(const struct protect_options *options, const struct primary_verdict *verdict,
                            const int64_t greatest[MOST_DOMINANT])
{
    if (verdict->persons == 0)
        return 0;
    unsigned rules = concentration_rules(options, greatest, verdict->cases);
    if (verdict->persons < (uint64_t)options->k)
        rules |= PROTECT_FREQUENCY;
    return rules & ~options->disabled;
}

struct primary_verdict primary_judge_union(struct primary_judge *judge, const uint32_t *unknowns, size_t count)
{
    struct primary_verdict verdict = { 0 };
    int64_t greatest[MOST_DOMINANT] = { 0 };
    judge->met_count = 0;
    judge->any = false;
    persons_begin(&judge->persons);
    for (size_t i = 0; i < count; i++)
        add_unknown(judge, unknowns[i], &verdict);
    for (uint64_t i = 0; i < verdict.persons && i < MOST_DOMINANT; i++)
        greatest[i] = 1;
    verdict.persons += judge->met_count;
    find_greatest(judge, greatest);
    verdict.heaviest = greatest[0];
    verdict.is_amount = count && judge->problem->unknowns[unknowns[0]].is_amount;
    verdict.is_rest = count && judge->problem->unknowns[unknowns[0]].is_rest;
    int64_t least = verdict.is_amount ? judge->options->k : judge->options->least_amount;
    verdict.rules = verdict.is_amount ? 0 : union_rules(judge->options, &verdict, greatest);
    if (count && judge->problem->unknowns[unknowns[0]].is_unjudged)
        return verdict;
    if (judge->any && verdict.cases < least)
        verdict.rules |= PROTECT_RANGE & ~judge->options->disabled;
    return verdict;
}

static void add_member(struct protect_members *members, struct protect_member member, const uint32_t *unknowns,
                       size_t count)
{
    member.first = members->unknown_count;
    member.count = count;
    for (size_t i = 0; i < count; i++) {
        MEM_GROW(members->unknown, members->unknown_count, members->unknown_capacity);
        members->unknown[members->unknown_count++] = unknowns[i];
    }
    MEM_GROW(members->members, members->count, members->capacity);
    members->members[members->count++] = member;
}

void primary_add_member(struct protect_members *members, const struct primary_verdict *verdict, uint32_t cell,
                        uint32_t family, struct protect_view view)
{
    struct protect_member member = { .cell = cell,
        .family = family,
        .cases = verdict->cases,
        .persons = verdict->persons,
        .heaviest = verdict->heaviest,
        .rules = verdict->rules,
        .is_amount = verdict->is_amount,
        .is_rest = verdict->is_rest };
    add_member(members, member, view.members, view.count);
}

static void find_cells(struct primary_judge *judge, unsigned *rules, struct protect_members *members)
{
    const struct protect_problem *problem = judge->problem;
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        const struct protect_cell *cell = &problem->cells[c];
        if (cell->state == PROTECT_PUBLISHED || cell->state == PROTECT_FORCED)
            continue;
        struct protect_view view = problem_view(problem, cell->row);
        struct primary_verdict verdict = primary_judge_union(judge, view.members, view.count);
        verdict.rules |= cell->rules;
        rules[c] |= verdict.rules;
        if (verdict.rules)
            primary_add_member(members, &verdict, c, PROTECT_NONE, view);
    }
}

/* What a reader would compute were all but the primary cells published; cells that are not to be had among them, for they may
 * follow from others. Remainders that grow by secondary suppression are the remainder rule's. */
static void find_remainders(struct primary_judge *judge, const unsigned *rules, struct protect_members *members)
{
    const struct protect_problem *problem = judge->problem;
    struct remainder remainder;
    unsigned *primary = mem_alloc((problem->cell_count + 1) * sizeof *primary);
    for (uint32_t c = 0; c < problem->cell_count; c++)
        primary[c] = rules[c] & ~(unsigned)PROTECT_DROPPED;
    remainder_init(&remainder, problem, primary);
    for (uint32_t f = 0; f < problem->family_count; f++) {
        if (primary[problem->families[f].parent])
            continue;
        remainder_deep(&remainder, f);
        struct primary_verdict verdict = primary_judge_union(judge, remainder.unknowns, remainder.count);
        if (!verdict.rules)
            continue;
        verdict.rules = PROTECT_REMAINDER;
        primary_add_member(members, &verdict, PROTECT_NONE, f,
                    (struct protect_view) { remainder.unknowns, NULL, remainder.count });
    }
    remainder_release(&remainder);
    free(primary);
}

/* Adds `rule` to the cell, as a member if it was none. */
static void mark_cell(struct primary_judge *judge, unsigned *rules, uint32_t cell, struct protect_members *members)
{
    const struct protect_problem *problem = judge->problem;
    enum protect_state state = problem->cells[cell].state;
    bool member = (rules[cell] & PROTECT_PRIMARY) != 0;
    if (state == PROTECT_PUBLISHED || state == PROTECT_FORCED)
        return;
    rules[cell] |= PROTECT_ATTRIBUTE;
    if (member)
        return;
    struct protect_view view = problem_view(problem, problem->cells[cell].row);
    struct primary_verdict verdict = primary_judge_union(judge, view.members, view.count);
    verdict.rules = PROTECT_ATTRIBUTE;
    primary_add_member(members, &verdict, cell, PROTECT_NONE, view);
}

/* A group in which the child holds all but a few: then who is known to be in the group is known to be in the child. */
static void mark_group(struct primary_judge *judge, unsigned *rules, struct remainder *others, uint32_t family,
                       struct protect_members *members)
{
    const struct protect_problem *problem = judge->problem;
    const struct protect_family *group = &problem->families[family];
    for (size_t i = 0; i < group->count; i++)
        mark_cell(judge, rules, problem->child[group->first + i], members);
    if (!others->count)
        return;
    struct primary_verdict verdict = primary_judge_union(judge, others->unknowns, others->count);
    verdict.rules = PROTECT_ATTRIBUTE;
    primary_add_member(members, &verdict, PROTECT_NONE, family, (struct protect_view) { others->unknowns, NULL, others->count });
}

static void find_groups(struct primary_judge *judge, unsigned *rules, struct protect_members *members)
{
    const struct protect_problem *problem = judge->problem;
    struct remainder others;
    remainder_init(&others, problem, rules);
    for (uint32_t f = 0; f < problem->family_count; f++) {
        const struct protect_family *group = &problem->families[f];
        for (size_t i = 0; group->sensitive && i < group->count; i++) {
            remainder_without(&others, f, problem->child[group->first + i]);
            uint64_t persons = primary_judge_union(judge, others.unknowns, others.count).persons;
            if (persons < (uint64_t)judge->options->k)
                mark_group(judge, rules, &others, f, members);
        }
    }
    remainder_release(&others);
}

void primary_find(struct primary_judge *judge, unsigned *rules, struct protect_members *members)
{
    find_cells(judge, rules, members);
    if (!(judge->options->disabled & PROTECT_ATTRIBUTE))
        find_groups(judge, rules, members);
    if (!judge->options->plain && !(judge->options->disabled & PROTECT_REMAINDER))
        find_remainders(judge, rules, members);
}

struct protect_view protect_member_view(const struct protect_members *members, size_t member)
{
    const struct protect_member *m = &members->members[member];
    return (struct protect_view) { members->unknown + m->first, NULL, m->count };
}

void protect_members_release(struct protect_members *members)
{
    free(members->members);
    free(members->unknown);
    *members = (struct protect_members) { 0 };
}
