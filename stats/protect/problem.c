#include "stats/protect/problem.h"

#include <stdlib.h>
#include <string.h>

#include "core/err.h"

void problem_init(struct protect_problem *problem)
{
    *problem = (struct protect_problem) { 0 };
    arena_init(&problem->arena, false);
}

void problem_release(struct protect_problem *problem)
{
    free(problem->unknowns);
    free(problem->cells);
    free(problem->families);
    free(problem->equations);
    free(problem->contributions);
    free(problem->measures);
    free(problem->member);
    free(problem->coefficient);
    free(problem->child);
    free(problem->first_contribution);
    free(problem->first_family);
    free(problem->family_of);
    free(problem->first_of_person);
    free(problem->of_person);
    arena_release(&problem->arena);
    *problem = (struct protect_problem) { 0 };
}

uint32_t problem_add_unknown(struct protect_problem *problem, bool known_zero)
{
    MEM_GROW(problem->unknowns, problem->unknown_count, problem->unknown_capacity);
    problem->unknowns[problem->unknown_count] = (struct protect_unknown) { .known_zero = known_zero };
    return (uint32_t)problem->unknown_count++;
}

static struct protect_row add_row(struct protect_problem *problem, const uint32_t *members, const double *coefficients,
                                  size_t count)
{
    struct protect_row row = { problem->member_count, count, PROTECT_ALL_ONE };
    for (size_t i = 0; i < count; i++) {
        MEM_GROW(problem->member, problem->member_count, problem->member_capacity);
        problem->member[problem->member_count++] = members[i];
    }
    if (!coefficients)
        return row;
    row.first_coefficient = problem->coefficient_count;
    for (size_t i = 0; i < count; i++) {
        MEM_GROW(problem->coefficient, problem->coefficient_count, problem->coefficient_capacity);
        problem->coefficient[problem->coefficient_count++] = coefficients[i];
    }
    return row;
}

uint32_t problem_add_cell(struct protect_problem *problem, struct protect_cell cell, const uint32_t *members,
                          const double *coefficients, size_t count)
{
    MEM_GROW(problem->cells, problem->cell_count, problem->cell_capacity);
    cell.row = add_row(problem, members, coefficients, count);
    problem->cells[problem->cell_count] = cell;
    return (uint32_t)problem->cell_count++;
}

void problem_add_equation(struct protect_problem *problem, const uint32_t *members, const double *coefficients,
                          size_t count)
{
    MEM_GROW(problem->equations, problem->equation_count, problem->equation_capacity);
    problem->equations[problem->equation_count++] = add_row(problem, members, coefficients, count);
}

void problem_add_family(struct protect_problem *problem, struct protect_family family, const uint32_t *children,
                        size_t count)
{
    family.first = problem->child_count;
    family.count = count;
    for (size_t i = 0; i < count; i++) {
        MEM_GROW(problem->child, problem->child_count, problem->child_capacity);
        problem->child[problem->child_count++] = children[i];
    }
    MEM_GROW(problem->families, problem->family_count, problem->family_capacity);
    problem->families[problem->family_count++] = family;
}

size_t problem_add_contribution(struct protect_problem *problem, uint32_t unknown, uint32_t person, int64_t cases)
{
    size_t count = problem->contribution_count;
    BUG_ON(count && problem->contributions[count - 1].unknown > unknown);
    MEM_GROW(problem->contributions, problem->contribution_count, problem->contribution_capacity);
    problem->contributions[problem->contribution_count++]
        = (struct protect_contribution) { .unknown = unknown, .person = person, .cases = cases };
    return count;
}

void problem_add_measure(struct protect_problem *problem, struct protect_measure measure)
{
    MEM_GROW(problem->measures, problem->measure_count, problem->measure_capacity);
    problem->measures[problem->measure_count++] = measure;
}

static void index_contributions(struct protect_problem *problem)
{
    problem->first_contribution = mem_zalloc(problem->unknown_count + 1, sizeof *problem->first_contribution);
    size_t at = 0;
    for (uint32_t u = 0; u < problem->unknown_count; u++) {
        problem->first_contribution[u] = at;
        for (; at < problem->contribution_count && problem->contributions[at].unknown == u; at++) {
            const struct protect_contribution *one = &problem->contributions[at];
            problem->unknowns[u].cases += one->cases;
            if (one->person != PROTECT_EACH_CASE && one->person >= problem->person_count)
                problem->person_count = one->person + 1;
        }
    }
    problem->first_contribution[problem->unknown_count] = at;
    BUG_ON(at != problem->contribution_count);
}

static void index_families(struct protect_problem *problem)
{
    size_t *first = mem_zalloc(problem->cell_count + 2, sizeof *first);
    problem->family_of = mem_zalloc(problem->family_count, sizeof *problem->family_of);
    for (size_t f = 0; f < problem->family_count; f++)
        first[problem->families[f].parent + 2]++;
    for (size_t c = 2; c < problem->cell_count + 2; c++)
        first[c] += first[c - 1];
    for (size_t f = 0; f < problem->family_count; f++)
        problem->family_of[first[problem->families[f].parent + 1]++] = (uint32_t)f;
    problem->first_family = first;
}

static void index_persons(struct protect_problem *problem)
{
    size_t *first = mem_zalloc((size_t)problem->person_count + 2, sizeof *first);
    problem->of_person = mem_zalloc(problem->contribution_count, sizeof *problem->of_person);
    for (size_t i = 0; i < problem->contribution_count; i++)
        if (problem->contributions[i].person != PROTECT_EACH_CASE)
            first[(size_t)problem->contributions[i].person + 2]++;
    for (size_t p = 2; p < (size_t)problem->person_count + 2; p++)
        first[p] += first[p - 1];
    for (size_t i = 0; i < problem->contribution_count; i++)
        if (problem->contributions[i].person != PROTECT_EACH_CASE)
            problem->of_person[first[(size_t)problem->contributions[i].person + 1]++] = i;
    problem->first_of_person = first;
}

static bool is_singleton(const struct protect_problem *problem, uint32_t unknown)
{
    uint64_t persons = 0;
    if (problem->unknowns[unknown].is_amount) /* who has nothing may be there as well */
        return problem->first_contribution[unknown + 1] - problem->first_contribution[unknown] == 1;
    for (size_t i = problem->first_contribution[unknown]; i < problem->first_contribution[unknown + 1]; i++) {
        const struct protect_contribution *one = &problem->contributions[i];
        persons += one->person == PROTECT_EACH_CASE ? (uint64_t)one->cases : one->cases > 0;
    }
    return persons == 1;
}

void problem_finish(struct protect_problem *problem)
{
    index_contributions(problem);
    index_persons(problem);
    index_families(problem);
    for (uint32_t u = 0; u < problem->unknown_count; u++)
        problem->unknowns[u].is_singleton = is_singleton(problem, u);
}

struct protect_view problem_view(const struct protect_problem *problem, struct protect_row row)
{
    const double *coefficients
        = row.first_coefficient == PROTECT_ALL_ONE ? NULL : problem->coefficient + row.first_coefficient;
    return (struct protect_view) { problem->member + row.first, coefficients, row.count };
}

int64_t problem_cases(const struct protect_problem *problem, struct protect_row row)
{
    int64_t cases = 0;
    for (size_t i = 0; i < row.count; i++)
        cases += problem->unknowns[problem->member[row.first + i]].cases;
    return cases;
}

void persons_init(struct protect_persons *persons, const struct protect_problem *problem)
{
    *persons = (struct protect_persons) { .problem = problem };
    persons->stamp = mem_zalloc((size_t)problem->person_count + 1, sizeof *persons->stamp);
}

void persons_release(struct protect_persons *persons)
{
    free(persons->stamp);
    persons->stamp = NULL;
}

void persons_begin(struct protect_persons *persons)
{
    if (++persons->now)
        return;
    memset(persons->stamp, 0, ((size_t)persons->problem->person_count + 1) * sizeof *persons->stamp);
    persons->now = 1;
}

bool persons_meet(struct protect_persons *persons, uint32_t person)
{
    if (persons->stamp[person] == persons->now)
        return false;
    persons->stamp[person] = persons->now;
    return true;
}

static uint64_t add_contribution(struct protect_persons *persons, uint32_t person, int64_t cases)
{
    if (person == PROTECT_EACH_CASE)
        return (uint64_t)cases;
    return cases && persons_meet(persons, person);
}

uint64_t persons_add(struct protect_persons *persons, uint32_t unknown)
{
    const struct protect_problem *problem = persons->problem;
    uint64_t count = 0;
    for (size_t i = problem->first_contribution[unknown]; i < problem->first_contribution[unknown + 1]; i++)
        count += add_contribution(persons, problem->contributions[i].person, problem->contributions[i].cases);
    return count;
}

uint64_t persons_add_contributors(struct protect_persons *persons, const struct protect_measure *measure, uint32_t unknown)
{
    const struct protect_problem *problem = persons->problem;
    uint64_t count = 0;
    for (size_t i = problem->first_contribution[unknown]; i < problem->first_contribution[unknown + 1]; i++)
        count += add_contribution(persons, problem->contributions[i].person, measure->n[i]);
    return count;
}

uint64_t persons_of_row(struct protect_persons *persons, struct protect_row row)
{
    uint64_t count = 0;
    persons_begin(persons);
    for (size_t i = 0; i < row.count; i++)
        count += persons_add(persons, persons->problem->member[row.first + i]);
    return count;
}
