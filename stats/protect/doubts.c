#include "stats/protect/doubts.h"

#include <stdlib.h>
#include <string.h>

static uint32_t knower_of(const struct protect_problem *problem, const struct protect_contribution *one)
{
    return one->person == PROTECT_EACH_CASE ? problem->person_count + one->unknown : one->person;
}

static int64_t own_cases(const struct protect_contribution *one)
{
    return one->person == PROTECT_EACH_CASE ? one->cases > 0 : one->cases;
}

/* Who is alone with an amount of nothing knows the amount as well as any. */
static bool knows(const struct protect_problem *problem, const struct protect_contribution *one)
{
    const struct protect_unknown *of = &problem->unknowns[one->unknown];
    return own_cases(one) > 0 || (of->is_amount && of->is_singleton);
}

static void add_knower(struct knowers *knowers, uint32_t knower)
{
    MEM_GROW(knowers->list, knowers->count, knowers->capacity);
    knowers->list[knowers->count++] = knower;
}

static int compare(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static void sort_knowers(struct knowers *knowers)
{
    size_t kept = 0;
    if (knowers->count)
        qsort(knowers->list, knowers->count, sizeof *knowers->list, compare);
    for (size_t i = 0; i < knowers->count; i++)
        if (i == 0 || knowers->list[i] != knowers->list[i - 1])
            knowers->list[kept++] = knowers->list[i];
    knowers->count = kept;
}

void doubts_of_witness(const struct protect_problem *problem, const struct witness_set *set, size_t witness,
                       struct knowers *knowers)
{
    const struct witness *w = &set->witnesses[witness];
    double tolerance = witness_is_inexact(w->denominator) ? WITNESS_TOLERANCE * (double)w->denominator : 0;
    knowers->count = 0;
    for (size_t c = w->first; c < w->first + w->count; c++) {
        uint32_t u = set->changes[c].unknown;
        bool alone = problem->unknowns[u].is_singleton;
        double after = (double)problem->unknowns[u].cases * (double)w->denominator + (double)set->changes[c].change;
        for (size_t i = problem->first_contribution[u]; i < problem->first_contribution[u + 1]; i++) {
            const struct protect_contribution *one = &problem->contributions[i];
            double own = (double)own_cases(one) * (double)w->denominator;
            if (knows(problem, one) && (alone || after < own - tolerance))
                add_knower(knowers, knower_of(problem, one));
        }
    }
    sort_knowers(knowers);
}

static bool contains(const struct knowers *knowers, uint32_t knower)
{
    return knowers->count && bsearch(&knower, knowers->list, knowers->count, sizeof knower, compare);
}

bool doubts_would_shrink(const struct doubts *doubts, const struct knowers *contradicted)
{
    for (size_t i = 0; i < doubts->count; i++)
        if (!contains(contradicted, doubts->knowers[i]))
            return true;
    return !doubts->started;
}

static void copy_all(struct doubts *doubts, const struct knowers *contradicted)
{
    doubts->started = true;
    doubts->knowers = mem_resize(doubts->knowers, contradicted->count + 1, sizeof *doubts->knowers);
    for (size_t i = 0; i < contradicted->count; i++)
        if (contradicted->list[i] != doubts->sole)
            doubts->knowers[doubts->count++] = contradicted->list[i];
}

void doubts_meet(struct doubts *doubts, const struct knowers *contradicted)
{
    size_t kept = 0;
    if (!doubts->started) {
        copy_all(doubts, contradicted);
        return;
    }
    for (size_t i = 0; i < doubts->count; i++)
        if (contains(contradicted, doubts->knowers[i]))
            doubts->knowers[kept++] = doubts->knowers[i];
    doubts->count = kept;
}

void doubts_forget(struct doubts *doubts, uint32_t knower)
{
    size_t kept = 0;
    for (size_t i = 0; i < doubts->count; i++)
        if (doubts->knowers[i] != knower)
            doubts->knowers[kept++] = doubts->knowers[i];
    doubts->count = kept;
    MEM_GROW(doubts->let_go, doubts->let_go_count, doubts->let_go_capacity);
    doubts->let_go[doubts->let_go_count++] = knower;
}

void doubts_release(struct doubts *doubts)
{
    free(doubts->knowers);
    free(doubts->let_go);
}

size_t doubts_count(const struct doubts *doubts)
{
    return doubts->started ? doubts->count : 0;
}

/* The one knower who contributes to the member, if only nothing; PROTECT_NONE if there are several or none. */
static uint32_t find_only(const struct protect_problem *problem, struct protect_view view)
{
    uint32_t only = PROTECT_NONE;
    for (size_t i = 0; i < view.count; i++)
        for (size_t j = problem->first_contribution[view.members[i]]; j < problem->first_contribution[view.members[i] + 1]; j++) {
            uint32_t knower = knower_of(problem, &problem->contributions[j]);
            if (only != PROTECT_NONE && only != knower)
                return PROTECT_NONE;
            only = knower;
        }
    return only;
}

/* The one knower who is all of the member, or PROTECT_NONE. */
static uint32_t find_sole(const struct protect_problem *problem, const struct protect_members *members, size_t member)
{
    struct protect_view view = protect_member_view(members, member);
    if (members->members[member].persons == 0)
        return find_only(problem, view);
    if (members->members[member].persons != 1)
        return PROTECT_NONE;
    for (size_t i = 0; i < view.count; i++)
        for (size_t j = problem->first_contribution[view.members[i]];
             j < problem->first_contribution[view.members[i] + 1]; j++)
            if (own_cases(&problem->contributions[j]))
                return knower_of(problem, &problem->contributions[j]);
    return PROTECT_NONE;
}

void doubts_init(struct doubts *doubts, const struct protect_problem *problem, const struct protect_members *members,
                 size_t member)
{
    *doubts = (struct doubts) { .sole = find_sole(problem, members, member) };
}

static void visit(const struct protect_problem *problem, size_t contribution, doubts_visitor *visitor, void *context)
{
    const struct protect_contribution *one = &problem->contributions[contribution];
    if (!knows(problem, one))
        return;
    bool alone = problem->unknowns[one->unknown].is_singleton;
    int64_t least = alone ? 0 : own_cases(one) - problem->unknowns[one->unknown].cases;
    visitor(context, one->unknown, least, alone);
}

void doubts_facts(const struct protect_problem *problem, uint32_t unknown, doubts_visitor *visitor, void *context)
{
    for (size_t i = problem->first_contribution[unknown]; i < problem->first_contribution[unknown + 1]; i++)
        visit(problem, i, visitor, context);
}

void doubts_knowledge(const struct protect_problem *problem, uint32_t knower, doubts_visitor *visitor, void *context)
{
    if (knower >= problem->person_count) {
        uint32_t u = knower - problem->person_count;
        for (size_t i = problem->first_contribution[u]; i < problem->first_contribution[u + 1]; i++)
            if (problem->contributions[i].person == PROTECT_EACH_CASE)
                visit(problem, i, visitor, context);
        return;
    }
    for (size_t i = problem->first_of_person[knower]; i < problem->first_of_person[knower + 1]; i++)
        visit(problem, problem->of_person[i], visitor, context);
}
