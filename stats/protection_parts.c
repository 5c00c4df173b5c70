#include <math.h>
#include <stdlib.h>

#include "core/mem.h"
#include "stats/protection_joint.h"

#define SUMS (1u << TABLE_SUM | 1u << TABLE_MEAN | 1u << TABLE_SD)
#define SHARE (1u << TABLE_SHARE)

static unsigned figures_of_role(enum role role)
{
    switch (role) {
    case ABOVE:
    case BELOW:
        return SUMS;
    case INSIDE:
    case OUTSIDE:
        return SHARE;
    case SPREAD:
        return 1u << TABLE_SD;
    default:
        return ~0u;
    }
}

/* The place of the measure in the face's table; the count of its measures if it is not there. */
static size_t find_measure(const struct work *work, const struct face *face, size_t measure)
{
    const struct cube_table_plan *plan = &work->cube->plan->tables[face->table];
    size_t m = 0;
    while (m < plan->measure_count && plan->measures[m].measure != measure)
        m++;
    return m;
}

static unsigned face_figures(const struct work *work, const struct face *face, size_t measure)
{
    size_t m = find_measure(work, face, measure);
    return m < work->cube->plan->tables[face->table].measure_count ? work->specs[face->table]->measures[m].figures | 1u << TABLE_FIGURES : 0;
}

/* ---- the cases ---- */

/* What is published of the cases is to stay: measures give way first. */
static void fix_cases(struct joint *joint)
{
    struct work *work = joint->work;
    work->layer = (struct layer) { .measure = NO_MEASURE };
    for (size_t c = 0; c < joint->base.cell_count; c++)
        if (joint->base.cells[c].state != PROTECT_PUBLISHED)
            joint->base.cells[c].state = PROTECT_UNAVAILABLE;
    for (size_t f = 0; f < work->face_count; f++) {
        const struct cross_map *map = &work->tables[work->faces[f].cross].map;
        for (uint32_t c = 0; c < map->cell_count; c++) {
            const bool *place = protection_place(work, &work->faces[f], protection_cube_cell(work, &work->faces[f], joint->period, c));
            struct protect_cell *cell = &joint->base.cells[map->first_cell + c];
            if (place && *place && cell->state != PROTECT_PUBLISHED)
                cell->state = PROTECT_FORCED;
        }
    }
}

int joint_build_cases(struct joint *joint, struct err *err)
{
    struct work *work = joint->work;
    work->layer = (struct layer) { .measure = NO_MEASURE };
    int code = period_rows_read(&work->period, work->rows, &(struct period_choice) { joint->dimension, joint->period, work->layer }, err);
    if (code)
        return code;
    for (size_t d = 0; d < work->period.dimensions; d++)
        codes_find(&work->codes[d], &work->cube->plan->dimensions[d], &work->period, d);
    problem_init(&joint->base);
    code = protection_build(work, joint->period, &joint->base, err);
    if (!code)
        fix_cases(joint);
    return code;
}

/* ---- what is published of the measures ---- */

bool joint_find_states(const struct joint *joint, const struct joint_measure *measure, enum role role, struct lift_cell *cells)
{
    struct work *work = joint->work;
    bool any = false;
    work->layer = (struct layer) { .measure = measure->measure };
    for (size_t c = 0; c < joint->base.cell_count; c++)
        cells[c] = (struct lift_cell) { PROTECT_UNAVAILABLE, 0 };
    for (size_t f = 0; f < work->face_count; f++) {
        const struct face *face = &work->faces[f];
        const struct cross_map *map = &work->tables[face->cross].map;
        if (!(face_figures(work, face, measure->measure) & figures_of_role(role)))
            continue;
        for (uint32_t c = 0; c < map->cell_count; c++) {
            uint32_t at = protection_cube_cell(work, face, joint->period, c);
            const bool *place = protection_place(work, face, at);
            struct lift_cell *cell = &cells[map->first_cell + c];
            if (protection_is_known(work, face, at))
                cell->state = PROTECT_PUBLISHED;
            else if (place && *place && cell->state != PROTECT_PUBLISHED)
                cell->state = protection_is_waived(work, face, at) ? PROTECT_FORCED : PROTECT_CANDIDATE;
            if (place && role == WITH)
                cell->rules |= protection_rules(work, face, at);
            any = any || cell->state != PROTECT_UNAVAILABLE;
        }
    }
    return any;
}

/* Amounts are taken in parts of the greatest, rounded up; no reader knows that, so that some may well be greater. */
enum { FINENESS = 100, MOST_AMOUNT = 4 * FINENESS };

static int64_t part_of_greatest(const struct joint_measure *measure, int64_t value, bool squared)
{
    double part = measure->greatest ? fabs((double)value) / (double)measure->greatest : 0;
    return (int64_t)ceil(FINENESS * (squared ? part * part : part));
}

static int64_t amount_without_ends(const struct joint_measure *measure, enum role role, int64_t value)
{
    switch (role) {
    case ABOVE:
        return part_of_greatest(measure, value, false);
    case BELOW:
        return MOST_AMOUNT - part_of_greatest(measure, value, false);
    case SPREAD:
        return part_of_greatest(measure, value, true);
    case FACETS:
        return MOST_AMOUNT - part_of_greatest(measure, value, true);
    default:
        return 1;
    }
}

static int64_t amount_of(const struct joint *joint, const struct joint_measure *measure, enum role role, int64_t value)
{
    const struct case_measure *of = &joint->work->measures[measure->measure];
    const struct cube_measure *plan = &joint->work->cube->plan->measures[measure->measure];
    bool inside = plan->has_share && value >= plan->share_lowest && value <= plan->share_highest;
    if (role == WITHOUT)
        return value == ROWS_NO_VALUE ? 1 : LIFT_NOTHING;
    if (value == ROWS_NO_VALUE)
        return LIFT_NOTHING;
    if (!of->is_bounded && role != INSIDE && role != OUTSIDE)
        return amount_without_ends(measure, role, value);
    if (role >= FACETS)
        return (value - of->lowest - (int64_t)(role - FACETS)) * (value - of->lowest - (int64_t)(role - FACETS) - 1);
    switch (role) {
    case ABOVE:
        return value - of->lowest;
    case BELOW:
        return of->highest - value;
    case INSIDE:
        return inside;
    case OUTSIDE:
        return !inside;
    case MORE:
        return value - of->lowest - measure->least[inside];
    case LESS:
        return measure->most[inside] - (value - of->lowest);
    case SPREAD:
        return (value - of->lowest) * (of->highest - value);
    default:
        return 1;
    }
}

static void add_amounts(const struct joint *joint, const struct joint_measure *measure, enum role role, int64_t *amounts)
{
    const struct work *work = joint->work;
    for (size_t i = 0; i < joint->base.contribution_count; i++)
        amounts[i] = LIFT_NOTHING;
    for (size_t t = 0; t < work->table_count; t++)
        for (size_t r = 0; r < joint->rows.count; r++) {
            int64_t *at = &amounts[work->tables[t].map.contribution_of[r]], amount = amount_of(joint, measure, role, joint->rows.value[r]);
            if (amount != LIFT_NOTHING)
                *at = *at == LIFT_NOTHING ? amount : *at + amount;
        }
}

/* Is it published, or does it follow from what is? */
static bool has_cells(const struct joint *joint, const struct joint_measure *measure, enum role role)
{
    bool is_bounded = joint->work->measures[measure->measure].is_bounded;
    return role <= ABOVE || (role == BELOW && is_bounded) || role == INSIDE || role == OUTSIDE || role == SPREAD;
}

static void add_part(struct joint *joint, struct joint_measure *measure, enum role role)
{
    int64_t *amounts = arena_alloc(&joint->base.arena, (joint->base.contribution_count + 1) * sizeof *amounts);
    struct lift_cell *cells = NULL;
    if (has_cells(joint, measure, role)) {
        cells = arena_alloc(&joint->base.arena, (joint->base.cell_count + 1) * sizeof *cells);
        joint_find_states(joint, measure, role, cells);
    }
    add_amounts(joint, measure, role, amounts);
    measure->part[role] = (int)joint->part_count;
    joint->parts[joint->part_count++] = (struct lift_part) {
        .amounts = amounts,
        .cells = cells,
        .tables = measure->tables,
        .importance = role == WITH ? 2 : role == WITHOUT ? 1 : 0,
        .amount = role >= ABOVE,
        .unjudged = role >= SPREAD || (role >= ABOVE && role <= BELOW && !joint->work->measures[measure->measure].is_bounded),
        .rest = role == WITHOUT,
        .sensitive = role == WITH,
    };
}

/* Parts that can change while all others are as they are; there are no more bits. */
enum { BLOCK_PARTS = 63 };
static void add_block(struct joint *joint, const struct joint_measure *measure, unsigned roles)
{
    uint64_t parts = 0;
    for (enum role role = 0; role < ROLES; role++)
        if (measure->roles[role] && roles >> role & 1 && measure->part[role] < BLOCK_PARTS)
            parts |= UINT64_C(1) << measure->part[role];
    if (parts)
        joint->blocks[joint->block_count++] = parts;
}

static void add_sum(struct joint *joint, struct lift_sum sum)
{
    joint->sums[joint->sum_count++] = sum;
}

/* How far above the lowest value those within the share's range are, and those outside it. */
static void find_ranges(const struct joint *joint, struct joint_measure *measure)
{
    const struct case_measure *of = &joint->work->measures[measure->measure];
    const struct cube_measure *plan = &joint->work->cube->plan->measures[measure->measure];
    bool from_lowest = plan->share_lowest <= of->lowest, to_highest = plan->share_highest >= of->highest;
    measure->least[1] = from_lowest ? 0 : plan->share_lowest - of->lowest;
    measure->most[1] = (to_highest ? of->highest : plan->share_highest) - of->lowest;
    measure->least[0] = from_lowest ? plan->share_highest + 1 - of->lowest : 0;
    measure->most[0] = (to_highest ? plan->share_lowest - 1 : of->highest) - of->lowest;
}

static void add_squares(struct joint *joint, const struct joint_measure *measure)
{
    const struct case_measure *of = &joint->work->measures[measure->measure];
    const int *part = measure->part;
    const int64_t span = of->highest - of->lowest;
    if (!of->is_bounded)
        add_sum(joint, (struct lift_sum) { { part[SPREAD], part[FACETS], part[WITH] }, { 1, 1, -(double)MOST_AMOUNT }, measure->tables });
    for (int j = 0; of->is_bounded && j < span; j++)
        add_sum(joint, (struct lift_sum) { { part[FACETS + j], part[SPREAD], part[ABOVE], part[WITH] },
                                           { 1, 1, -(double)(span - 2 * j - 1), -(double)(j * (j + 1)) }, measure->tables });
}

/* Which parts there are to know of, in what way they add up. `with` is the cases themselves where everybody has a value. */
static void add_parts(struct joint *joint, struct joint_measure *measure)
{
    const struct case_measure *of = &joint->work->measures[measure->measure];
    const int *part = measure->part;
    for (enum role role = 0; role < ROLES; role++) {
        measure->part[role] = LIFT_CASES;
        if (measure->roles[role])
            add_part(joint, measure, role);
    }
    uint64_t tables = measure->tables;
    const unsigned squares = (1u << ROLES) - (1u << SPREAD);
    add_block(joint, measure, 1u << ABOVE | 1u << BELOW | 1u << MORE | 1u << LESS | squares);
    add_block(joint, measure, 1u << INSIDE | 1u << OUTSIDE | 1u << MORE | 1u << LESS);
    if (measure->roles[WITH])
        add_sum(joint, (struct lift_sum) { { part[WITH], part[WITHOUT], LIFT_CASES }, { 1, 1, -1 }, tables });
    if (measure->roles[ABOVE])
        add_sum(joint, (struct lift_sum) { { part[ABOVE], part[BELOW], part[WITH] }, { 1, 1, -(double)(of->is_bounded ? of->highest - of->lowest : MOST_AMOUNT) }, tables });
    if (measure->roles[SPREAD])
        add_squares(joint, measure);
    if (measure->roles[INSIDE])
        add_sum(joint, (struct lift_sum) { { part[INSIDE], part[OUTSIDE], part[WITH] }, { 1, 1, -1 }, tables });
    if (!measure->roles[MORE])
        return;
    add_sum(joint, (struct lift_sum) { { part[MORE], part[INSIDE], part[OUTSIDE], part[ABOVE] },
                                       { 1, (double)measure->least[1], (double)measure->least[0], -1 }, tables });
    add_sum(joint, (struct lift_sum) { { part[LESS], part[ABOVE], part[INSIDE], part[OUTSIDE] },
                                       { 1, 1, -(double)measure->most[1], -(double)measure->most[0] }, tables });
}

/* Which roles the measure has in this period, by what readers get of it. */
static void find_roles(struct joint *joint, struct joint_measure *measure)
{
    const struct work *work = joint->work;
    const struct case_measure *of = &work->measures[measure->measure];
    struct lift_cell *cells = mem_zalloc(joint->base.cell_count, sizeof *cells);
    bool any = joint_find_states(joint, measure, WITH, cells);
    bool sums = any && joint_find_states(joint, measure, ABOVE, cells);
    bool squares = any && joint_find_states(joint, measure, SPREAD, cells);
    bool share = any && work->cube->plan->measures[measure->measure].has_share && joint_find_states(joint, measure, INSIDE, cells);
    free(cells);
    for (size_t f = 0; f < work->face_count; f++)
        if (face_figures(work, &work->faces[f], measure->measure))
            measure->tables |= UINT64_C(1) << work->faces[f].cross;
    bool all = true;
    for (size_t r = 0; r < joint->rows.count; r++) {
        int64_t value = joint->rows.value[r];
        all = all && value != ROWS_NO_VALUE;
        measure->negative = measure->negative || (value < 0 && value != ROWS_NO_VALUE);
        if (value != ROWS_NO_VALUE && llabs(value) > measure->greatest)
            measure->greatest = llabs(value);
    }
    measure->roles[WITH] = measure->roles[WITHOUT] = any && !all;
    measure->roles[ABOVE] = measure->roles[BELOW] = sums && (of->is_bounded || !measure->negative);
    int64_t facets = of->is_bounded ? of->highest - of->lowest : 1;
    measure->roles[SPREAD] = squares;
    for (int j = 0; squares && j < facets && j < JOINT_FACETS; j++)
        measure->roles[FACETS + j] = true;
    measure->roles[INSIDE] = measure->roles[OUTSIDE] = share;
    measure->roles[MORE] = measure->roles[LESS] = of->is_bounded && sums && share;
}

static int add_measure(struct joint *joint, struct joint_measure *measure, struct err *err)
{
    struct layer layer = { .measure = measure->measure, .amounts = true, .part = LAYER_AS_IT_IS };
    int code = period_rows_read(&joint->rows, joint->work->rows, &(struct period_choice) { joint->dimension, joint->period, layer }, err);
    if (code)
        return code;
    find_roles(joint, measure);
    find_ranges(joint, measure);
    add_parts(joint, measure);
    return 0;
}

int joint_build_parts(struct joint *joint, struct err *err)
{
    int code = 0;
    joint->part_count = joint->sum_count = joint->block_count = 0;
    for (size_t m = 0; m < joint->measure_count && !code; m++) {
        joint->measures[m] = (struct joint_measure) { .measure = joint->measures[m].measure };
        code = add_measure(joint, &joint->measures[m], err);
    }
    return code;
}
