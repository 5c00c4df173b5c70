#include "stats/protect/certify_contributors.h"

#include <math.h>
#include <stdlib.h>

void certify_contributors_init(struct certify_contributors *check, const struct audit *audit)
{
    const struct protect_problem *problem = audit->problem;
    size_t knowers = (size_t)problem->person_count + problem->unknown_count;
    *check = (struct certify_contributors) { .audit = audit };
    check->stamp = mem_zalloc(knowers, sizeof *check->stamp);
    check->ruling = mem_zalloc(knowers, sizeof *check->ruling);
    check->left = mem_zalloc(audit->members->count, sizeof *check->left);
    check->lifted = mem_zalloc(audit->members->count, sizeof *check->lifted);
}

void certify_contributors_release(struct certify_contributors *check)
{
    for (size_t m = 0; m < check->audit->members->count; m++)
        free(check->left[m].list);
    free(check->stamp);
    free(check->ruling);
    free(check->left);
    free(check->lifted);
}

/* ---- what a contributor knows ---- */

static uint32_t number_of(const struct protect_problem *problem, const struct protect_contribution *one)
{
    return one->person == PROTECT_EACH_CASE ? problem->person_count + one->unknown : one->person;
}

/* Whose case stands for a person knows of that one. */
static int64_t own(const struct protect_contribution *one)
{
    return one->person == PROTECT_EACH_CASE && one->cases > 1 ? 1 : one->cases;
}

/* An amount is everybody's who is there, if only with nothing. */
static bool is_alone(const struct protect_problem *problem, uint32_t unknown)
{
    const bool is_amount = problem->unknowns[unknown].is_amount;
    int64_t persons = 0;
    for (size_t i = problem->first_contribution[unknown]; i < problem->first_contribution[unknown + 1]; i++) {
        const struct protect_contribution *one = &problem->contributions[i];
        if (is_amount || one->cases > 0)
            persons += !is_amount && one->person == PROTECT_EACH_CASE ? one->cases : 1;
    }
    return persons == 1;
}

/* Whether a change of the contribution's inner cell is possible to them. */
static bool allows(const struct protect_problem *problem, const struct protect_contribution *one, double change, double tolerance)
{
    if (is_alone(problem, one->unknown) && (one->cases > 0 || problem->unknowns[one->unknown].is_amount))
        return fabs(change) <= tolerance;
    return own(one) == 0 || (double)problem->unknowns[one->unknown].cases + change >= (double)own(one) - tolerance;
}

/* ---- witnesses ---- */

static void mark(struct certify_contributors *check, uint32_t knower)
{
    if (check->stamp[knower] == check->now)
        return;
    check->stamp[knower] = check->now;
    check->ruling[check->ruling_count++] = knower;
}

void certify_contributors_witness(struct certify_contributors *check, const struct witness *witness)
{
    const struct protect_problem *problem = check->audit->problem;
    double tolerance = witness_is_inexact(witness->denominator) ? WITNESS_TOLERANCE : 1e-9;
    check->now++;
    check->ruling_count = 0;
    for (size_t c = witness->first; c < witness->first + witness->count; c++) {
        const struct witness_change *change = &check->audit->witnesses.changes[c];
        double by = (double)change->change / (double)witness->denominator;
        for (size_t i = problem->first_contribution[change->unknown]; i < problem->first_contribution[change->unknown + 1]; i++)
            if (!allows(problem, &problem->contributions[i], by, tolerance))
                mark(check, number_of(problem, &problem->contributions[i]));
    }
}

/* k − 1 others must be possible, so that with the contributor they are k; of what is k or nearly so anyhow, one more or one less. */
static bool lifts(const struct audit *audit, size_t member, double gain)
{
    double up = audit->goals[member].up, enough = up - 1 > 1 ? up - 1 : 1;
    return gain >= enough - 2 * AUDIT_ROUNDING || (up < 2 && gain <= 2 * AUDIT_ROUNDING - 1);
}

void certify_contributors_meet(struct certify_contributors *check, size_t member, double gain)
{
    struct knowers *left = &check->left[member];
    size_t kept = 0;
    if (!lifts(check->audit, member, gain))
        return;
    for (size_t i = 0; i < check->ruling_count && !check->lifted[member]; i++) {
        MEM_GROW(left->list, left->count, left->capacity);
        left->list[left->count++] = check->ruling[i];
    }
    check->lifted[member] = true;
    for (size_t i = 0; i < left->count; i++)
        if (check->stamp[left->list[i]] == check->now)
            left->list[kept++] = left->list[i];
    left->count = kept;
}

/* ---- mixtures ---- */

static double mixed(const struct audit *audit, const struct audit_mixture *mixture, uint32_t unknown)
{
    double change = 0;
    for (int i = 0; i < 2; i++)
        if (mixture->witnesses[i] != PROTECT_NONE)
            change += (i ? 1 - mixture->share : mixture->share) * witness_change(&audit->witnesses, mixture->witnesses[i], unknown);
    return change;
}

static bool is_allowed(const struct audit *audit, const struct audit_mixture *mixture, const struct protect_contribution *one)
{
    return number_of(audit->problem, one) != mixture->knower
        || allows(audit->problem, one, mixed(audit, mixture, one->unknown), 4 * WITNESS_TOLERANCE);
}

static bool is_possible_to_knower(const struct audit *audit, const struct audit_mixture *mixture)
{
    const struct protect_problem *problem = audit->problem;
    if (mixture->knower >= problem->person_count) {
        uint32_t u = mixture->knower - problem->person_count;
        for (size_t i = problem->first_contribution[u]; i < problem->first_contribution[u + 1]; i++)
            if (!is_allowed(audit, mixture, &problem->contributions[i]))
                return false;
        return true;
    }
    for (size_t i = problem->first_of_person[mixture->knower]; i < problem->first_of_person[mixture->knower + 1]; i++)
        if (!is_allowed(audit, mixture, &problem->contributions[problem->of_person[i]]))
            return false;
    return true;
}

static bool holds(const struct audit *audit, const struct audit_mixture *mixture)
{
    struct protect_view view = protect_member_view(audit->members, mixture->member);
    double gain = 0;
    for (int i = 0; i < 2; i++)
        if (mixture->witnesses[i] != PROTECT_NONE && mixture->witnesses[i] >= audit->witnesses.count)
            return false;
    for (size_t i = 0; i < view.count; i++)
        gain += mixed(audit, mixture, view.members[i]);
    return mixture->share >= 0 && mixture->share <= 1 && lifts(audit, mixture->member, gain) && is_possible_to_knower(audit, mixture);
}

static void strike(struct knowers *left, uint32_t knower)
{
    size_t kept = 0;
    for (size_t i = 0; i < left->count; i++)
        if (left->list[i] != knower)
            left->list[kept++] = left->list[i];
    left->count = kept;
}

/* ---- the end ---- */

/* Who is all of the member: nothing of others is left for them to learn. PROTECT_NONE if there are several, or none. */
static uint32_t find_whole(const struct protect_problem *problem, struct protect_view view, bool with_nothing)
{
    uint32_t whole = PROTECT_NONE;
    for (size_t i = 0; i < view.count; i++)
        for (size_t j = problem->first_contribution[view.members[i]]; j < problem->first_contribution[view.members[i] + 1]; j++) {
            const struct protect_contribution *one = &problem->contributions[j];
            uint32_t number = number_of(problem, one);
            if (!one->cases && !with_nothing)
                continue;
            if ((whole != PROTECT_NONE && whole != number) || (one->person == PROTECT_EACH_CASE && one->cases > 1))
                return PROTECT_NONE;
            whole = number;
        }
    return whole;
}

static bool is_proved(const struct certify_contributors *check, size_t m)
{
    const struct protect_member *member = &check->audit->members->members[m];
    const struct doubts *doubts = &check->audit->doubts[m];
    struct knowers *left = &check->left[m];
    if (member->lost || member->is_rest)
        return true;
    if (!check->lifted[m])
        return false;
    strike(left, find_whole(check->audit->problem, protect_member_view(check->audit->members, m), member->cases == 0));
    for (size_t i = 0; i < doubts->let_go_count && member->narrow; i++)
        strike(left, doubts->let_go[i]);
    return left->count == 0;
}

size_t certify_contributors_end(struct certify_contributors *check)
{
    const struct audit *audit = check->audit;
    size_t open = 0;
    for (size_t i = 0; i < audit->mixture_count; i++)
        if (holds(audit, &audit->mixtures[i]))
            strike(&check->left[audit->mixtures[i].member], audit->mixtures[i].knower);
    for (size_t m = 0; m < audit->members->count; m++)
        open += !is_proved(check, m);
    return open;
}
