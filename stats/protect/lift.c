#include "stats/protect/lift.h"

#include <math.h>
#include <stdlib.h>

#include "core/err.h"

struct lifting {
    const struct lift *lift;
    const struct protect_problem *base;
    struct protect_problem *problem;
    uint64_t *tables;   /* per unknown of the base */
    uint32_t *cell_of;
    uint32_t *scratch;
    uint32_t axis_count;
};

static uint32_t unknown_of(const struct lifting *l, int part, uint32_t unknown)
{
    return unknown + (uint32_t)((size_t)(part + 1) * l->base->unknown_count);
}

/* What the part at that place of the unknowns holds, LIFT_CASES included. */
static bool has_part(const struct lifting *l, int part, uint32_t unknown)
{
    return part == LIFT_CASES || (l->tables[unknown] & l->lift->parts[part].tables) != 0;
}

/* Per unknown: the tables of the cells that hold it. */
static uint64_t *find_tables(const struct protect_problem *base)
{
    uint64_t *tables = mem_zalloc(base->unknown_count, sizeof *tables);
    for (size_t c = 0; c < base->cell_count; c++) {
        struct protect_view view = problem_view(base, base->cells[c].row);
        for (size_t i = 0; i < view.count; i++)
            tables[view.members[i]] |= base->cells[c].tables;
    }
    return tables;
}

static void add_unknowns(struct lifting *l, int part)
{
    for (uint32_t u = 0; u < l->base->unknown_count; u++) {
        uint32_t added = problem_add_unknown(l->problem, l->base->unknowns[u].known_zero || !has_part(l, part, u));
        l->problem->unknowns[added].is_amount = part != LIFT_CASES && l->lift->parts[part].amount;
        l->problem->unknowns[added].is_unjudged = part != LIFT_CASES && l->lift->parts[part].unjudged;
        l->problem->unknowns[added].is_rest = part != LIFT_CASES && l->lift->parts[part].rest;
    }
    for (size_t i = 0; i < l->base->contribution_count; i++) {
        const struct protect_contribution *one = &l->base->contributions[i];
        int64_t amount = part == LIFT_CASES ? one->cases : l->lift->parts[part].amounts[i];
        if (amount != LIFT_NOTHING && has_part(l, part, one->unknown))
            problem_add_contribution(l->problem, unknown_of(l, part, one->unknown), one->person, amount);
    }
}

/* The row's unknowns as those of the part; false if the part does not have all of them. */
static bool shift(struct lifting *l, int part, struct protect_view view)
{
    bool whole = true;
    for (size_t i = 0; i < view.count; i++) {
        whole = whole && has_part(l, part, view.members[i]);
        l->scratch[i] = unknown_of(l, part, view.members[i]);
    }
    return whole;
}

static void add_cells(struct lifting *l, int part)
{
    for (uint32_t c = 0; c < l->base->cell_count; c++) {
        struct protect_cell cell = l->base->cells[c];
        struct protect_view view = problem_view(l->base, cell.row);
        uint32_t *place = part == LIFT_CASES ? NULL : &l->cell_of[(size_t)part * l->base->cell_count + c];
        if (place) {
            const struct lift_part *of = &l->lift->parts[part];
            *place = LIFT_NO_CELL;
            if (!of->cells || !(cell.tables & of->tables))
                continue;
            cell.state = of->cells[c].state;
            cell.rules = of->cells[c].rules;
            cell.importance = of->importance;
        }
        shift(l, part, view);
        uint32_t added = problem_add_cell(l->problem, cell, l->scratch, view.coefficients, view.count);
        if (place)
            *place = added;
    }
}

static uint32_t cell_of(const struct lifting *l, int part, uint32_t cell)
{
    return part == LIFT_CASES ? cell : l->cell_of[(size_t)part * l->base->cell_count + cell];
}

static void add_families(struct lifting *l, int part)
{
    for (size_t f = 0; f < l->base->family_count; f++) {
        struct protect_family family = l->base->families[f];
        size_t count = 0;
        for (size_t i = 0; i < family.count; i++) {
            l->scratch[count] = cell_of(l, part, l->base->child[family.first + i]);
            count += l->scratch[count] != LIFT_NO_CELL;
        }
        family.parent = cell_of(l, part, family.parent);
        family.axis += (uint32_t)(part + 1) * l->axis_count;
        family.sensitive = family.sensitive && (part == LIFT_CASES || l->lift->parts[part].sensitive);
        if (family.parent != LIFT_NO_CELL)
            problem_add_family(l->problem, family, l->scratch, count);
    }
}

/* What holds of the cases' margins holds of the parts'. */
static void add_equations(struct lifting *l, int part)
{
    for (size_t e = 0; e < l->base->equation_count; e++) {
        struct protect_view view = problem_view(l->base, l->base->equations[e]);
        if (shift(l, part, view))
            problem_add_equation(l->problem, l->scratch, view.coefficients, view.count);
    }
}

static void add_sum(struct lifting *l, const struct lift_sum *sum)
{
    for (uint32_t u = 0; u < l->base->unknown_count; u++) {
        uint32_t members[LIFT_MOST_TERMS];
        double factors[LIFT_MOST_TERMS];
        size_t count = 0;
        if (!(l->tables[u] & sum->tables) || l->base->unknowns[u].known_zero)
            continue;
        for (size_t i = 0; i < LIFT_MOST_TERMS; i++)
            if (sum->factors[i] > 0 || sum->factors[i] < 0) {
                members[count] = unknown_of(l, sum->parts[i], u);
                factors[count++] = sum->factors[i];
            }
        problem_add_equation(l->problem, members, factors, count);
    }
}

static size_t find_longest(const struct protect_problem *base)
{
    size_t most = 1;
    for (size_t c = 0; c < base->cell_count; c++)
        most = base->cells[c].row.count > most ? base->cells[c].row.count : most;
    for (size_t e = 0; e < base->equation_count; e++)
        most = base->equations[e].count > most ? base->equations[e].count : most;
    for (size_t f = 0; f < base->family_count; f++)
        most = base->families[f].count >= most ? base->families[f].count + 1 : most;
    return most;
}

uint32_t *lift_build(const struct lift *lift, struct protect_problem *problem)
{
    struct lifting l = { .lift = lift, .base = lift->base, .problem = problem };
    const int parts = (int)lift->part_count;
    BUG_ON((lift->part_count + 1) * lift->base->unknown_count >= UINT32_MAX);
    l.tables = find_tables(l.base);
    l.cell_of = mem_zalloc(lift->part_count * lift->base->cell_count, sizeof *l.cell_of);
    l.scratch = mem_zalloc(find_longest(lift->base), sizeof *l.scratch);
    for (size_t f = 0; f < lift->base->family_count; f++)
        l.axis_count = lift->base->families[f].axis >= l.axis_count ? lift->base->families[f].axis + 1 : l.axis_count;
    for (int part = LIFT_CASES; part < parts; part++) {
        add_unknowns(&l, part);
        add_cells(&l, part);
        add_families(&l, part);
        add_equations(&l, part);
    }
    for (size_t i = 0; i < lift->sum_count; i++)
        add_sum(&l, &lift->sums[i]);
    problem->layer_size = lift->base->unknown_count;
    for (size_t i = 0; i < lift->sum_count; i++)
        for (size_t j = 0; j < LIFT_MOST_TERMS; j++)
            problem->amount_scale = fmax(problem->amount_scale, fabs(lift->sums[i].factors[j]));
    for (size_t i = 0; i < lift->block_count && i < PROTECT_LAYER_BLOCKS; i++)
        problem->layer_blocks[problem->layer_block_count++] = lift->blocks[i] << 1;
    problem_finish(problem);
    free(l.tables);
    free(l.scratch);
    return l.cell_of;
}

static void add_alone(const struct protect_problem *base, const struct lift_part *part, const bool *possible, struct protect_problem *problem)
{
    uint64_t *tables = find_tables(base);
    for (uint32_t u = 0; u < base->unknown_count; u++)
        problem_add_unknown(problem, base->unknowns[u].known_zero || !possible[u] || !(tables[u] & part->tables));
    for (size_t i = 0; i < base->contribution_count; i++)
        if (part->amounts[i] != LIFT_NOTHING && tables[base->contributions[i].unknown] & part->tables)
            problem_add_contribution(problem, base->contributions[i].unknown, base->contributions[i].person, part->amounts[i]);
    for (size_t e = 0; e < base->equation_count; e++) {
        struct protect_view view = problem_view(base, base->equations[e]);
        bool whole = true;
        for (size_t i = 0; i < view.count; i++)
            whole = whole && (tables[view.members[i]] & part->tables);
        if (whole)
            problem_add_equation(problem, view.members, view.coefficients, view.count);
    }
    free(tables);
}

void lift_alone(const struct protect_problem *base, const struct lift_part *part, const bool *possible, struct protect_problem *problem)
{
    add_alone(base, part, possible, problem);
    for (size_t c = 0; c < base->cell_count; c++) {
        struct protect_cell cell = base->cells[c];
        struct protect_view view = problem_view(base, cell.row);
        cell.state = part->cells[c].state;
        cell.rules = part->cells[c].rules;
        problem_add_cell(problem, cell, view.members, view.coefficients, view.count);
    }
    for (size_t f = 0; f < base->family_count; f++) {
        struct protect_family family = base->families[f];
        family.sensitive = part->sensitive && family.sensitive;
        problem_add_family(problem, family, base->child + base->families[f].first, base->families[f].count);
    }
    problem_finish(problem);
}
