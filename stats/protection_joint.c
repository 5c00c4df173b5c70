/* All figures of a period as one system. Counts, contributors and sums were each protected by itself; who has all of them knows in
 * addition that those with a value and those without are the cases, that a score's distances from both ends of its range add up to
 * the range for each contributor, and so on. Members of all of them are audited and repaired here together. */
#include <stdlib.h>

#include "core/clock.h"
#include "core/mem.h"
#include "stats/protection_joint.h"

/* ---- protection ---- */

/* ---- what becomes of cells ---- */

/* Where the cell of the problem of all figures stands: its cell of the cases, and what it is a number of. */
static uint32_t find_base_cell(const struct joint *joint, uint32_t cell, const char **figure)
{
    static const char *const names[ROLES] = { "values", "cases without a value", "how far values are above the lowest", "how far values are below the highest",
                                              "values in the share", "values out of the share" };
    const size_t cells = joint->base.cell_count;
    *figure = "cases";
    if (cell < cells)
        return cell;
    for (size_t m = 0; m < joint->measure_count; m++)
        for (enum role role = 0; role < MORE; role++)
            for (size_t c = 0; joint->measures[m].roles[role] && c < cells; c++)
                if (joint->cell_of[(size_t)joint->measures[m].part[role] * cells + c] == cell) {
                    *figure = names[role];
                    return (uint32_t)c;
                }
    return PROTECT_NONE;
}

/* `cell` of the cases is withheld, because `of` is, in the problem of all figures. */
static void tell_loss(const struct joint *joint, const struct face *face, uint32_t cell, const struct protect_result *result, uint32_t of)
{
    struct protection_joint_loss loss = { .face = face, .cell = cell, .rules = result->withheld[of], .protects = PROTECT_NONE };
    if (result->protects[of] != PROTECT_NONE) {
        const struct protect_member *member = &result->members.members[result->protects[of]];
        loss.below = member->cell == PROTECT_NONE;
        loss.protects = find_base_cell(joint, loss.below ? joint->problem.families[member->family].parent : member->cell, &loss.figure);
    }
    protection_tell_joint_loss(joint->work, joint->period, &loss);
}

static void note_lost(const struct joint *joint, const struct protect_result *result)
{
    const char *figure;
    for (size_t m = 0; m < result->members.count; m++) {
        const struct protect_member *member = &result->members.members[m];
        if ((member->lost || member->narrow) && member->cell != PROTECT_NONE)
            protection_note_lost(joint->work, joint->period, find_base_cell(joint, member->cell, &figure));
    }
}

/* No measure of this period is published in any table. */
static void withhold_measure(struct joint *joint, size_t measure)
{
    const struct work *work = joint->work;
    joint->work->layer = (struct layer) { .measure = measure };
    for (size_t f = 0; f < work->face_count; f++)
        for (uint32_t c = 0; c < work->tables[work->faces[f].cross].map.cell_count; c++) {
            bool *place = protection_place(work, &work->faces[f], protection_cube_cell(work, &work->faces[f], joint->period, c));
            if (place && *place)
                protection_tell_joint_loss(work, joint->period, &(struct protection_joint_loss) {
                    .face = &work->faces[f], .cell = work->tables[work->faces[f].cross].map.first_cell + c, .rules = PROTECT_DROPPED, .protects = PROTECT_NONE });
            if (place)
                *place = false;
        }
}

/* The cell of a part of the measure that is withheld there, though it was to be published; else LIFT_NO_CELL. */
static uint32_t find_withheld_part(const struct joint *joint, const struct joint_measure *measure, const struct protect_result *result, uint32_t cell)
{
    for (enum role role = 0; role < ROLES; role++) {
        uint32_t of = measure->roles[role] ? joint->cell_of[(size_t)measure->part[role] * joint->base.cell_count + cell] : LIFT_NO_CELL;
        if (of != LIFT_NO_CELL && joint->problem.cells[of].state != PROTECT_UNAVAILABLE && result->withheld[of])
            return of;
    }
    return LIFT_NO_CELL;
}

static void take_measure(const struct joint *joint, const struct joint_measure *measure, const struct face *face, const struct protect_result *result)
{
    struct work *work = joint->work;
    const struct cross_map *map = &work->tables[face->cross].map;
    work->layer = (struct layer) { .measure = measure->measure };
    for (uint32_t c = 0; c < map->cell_count; c++) {
        bool *place = protection_place(work, face, protection_cube_cell(work, face, joint->period, c));
        uint32_t part = place && *place ? find_withheld_part(joint, measure, result, map->first_cell + c) : LIFT_NO_CELL;
        if (part != LIFT_NO_CELL) {
            tell_loss(joint, face, map->first_cell + c, result, part);
            *place = false;
            work->counts->joint++;
        }
    }
}

static void take_cases(const struct joint *joint, const struct face *face, const struct protect_result *result)
{
    struct work *work = joint->work;
    const struct cross_map *map = &work->tables[face->cross].map;
    work->layer = (struct layer) { .measure = NO_MEASURE };
    for (uint32_t c = 0; c < map->cell_count; c++) {
        bool *place = protection_place(work, face, protection_cube_cell(work, face, joint->period, c));
        if (place && *place && result->withheld[map->first_cell + c]) {
            tell_loss(joint, face, map->first_cell + c, result, map->first_cell + c);
            *place = false;
            work->counts->joint++;
        }
    }
}

static void take(const struct joint *joint, const struct protect_result *result)
{
    for (size_t f = 0; f < joint->work->face_count; f++) {
        for (size_t m = 0; m < joint->measure_count; m++)
            take_measure(joint, &joint->measures[m], &joint->work->faces[f], result);
        take_cases(joint, &joint->work->faces[f], result);
    }
}

static bool knows_earlier(const struct work *work)
{
    for (size_t f = 0; f < work->face_count; f++)
        if (work->patterns[work->faces[f].table].earlier)
            return true;
    return false;
}

/* Protects the measures that are left together; *safe: all of it was proved. Only what was published before may be lost. */
static int try_measures(struct joint *joint, bool *safe, struct err *err)
{
    struct lift lift = { &joint->base, joint->parts, joint->part_count, joint->sums, joint->sum_count, joint->blocks, joint->block_count };
    joint->work->layer = (struct layer) { .measure = NO_MEASURE };
    struct protect_options options = protection_options(joint->work);
    struct protect_result result;
    const int64_t start_ns = clock_monotonic_ns();
    problem_init(&joint->problem);
    joint->cell_of = lift_build(&lift, &joint->problem);
    int code = protect_run(&joint->problem, &options, &result, err);
    *safe = !code && !result.report.dropped_tables && (!result.report.members_lost || knows_earlier(joint->work));
    if (*safe) {
        protection_tell_joint(joint->work, joint->period, &result, (clock_monotonic_ns() - start_ns) / 1000000);
        joint->work->counts->iterations += result.report.iterations;
        note_lost(joint, &result);
        take(joint, &result);
        joint->reached = result.reached;
        result.reached = NULL;
    }
    if (!code)
        protect_result_release(&result);
    free(joint->cell_of);
    problem_release(&joint->problem);
    return code;
}

/* ---- sums of amounts ---- */

static bool has_sums(const struct joint *joint, const struct joint_measure *measure)
{
    struct lift_cell *states = mem_zalloc(joint->base.cell_count, sizeof *states);
    bool any = !joint->work->measures[measure->measure].is_bounded && joint_find_states(joint, measure, ABOVE, states);
    free(states);
    return any;
}

static bool any_sums(const struct joint *joint)
{
    bool any = false;
    for (size_t m = 0; m < joint->measure_count; m++)
        any = any || has_sums(joint, &joint->measures[m]);
    return any;
}

/* Amounts in units so large that they add up to not much more than PERIOD_AMOUNTS, rounded up: the rules on them are about proportions. */
static void add_values(struct joint *joint, int64_t *amounts, bool *negative)
{
    struct period_rows *rows = &joint->rows;
    int64_t total = 0;
    for (size_t i = 0; i < joint->base.contribution_count; i++)
        amounts[i] = LIFT_NOTHING;
    for (size_t r = 0; r < rows->count; r++) {
        if (rows->value[r] == ROWS_NO_VALUE)
            continue;
        *negative = *negative || rows->value[r] < 0;
        rows->value[r] = rows->value[r] < 0 ? -rows->value[r] : rows->value[r];
        total = total > INT64_MAX - rows->value[r] ? INT64_MAX : total + rows->value[r];
    }
    int64_t unit = total / PERIOD_AMOUNTS + 1;
    for (size_t t = 0; t < joint->work->table_count; t++)
        for (size_t r = 0; r < rows->count; r++) {
            int64_t value = rows->value[r], *at = &amounts[joint->work->tables[t].map.contribution_of[r]];
            if (value != ROWS_NO_VALUE)
                *at = (*at == LIFT_NOTHING ? 0 : *at) + value / unit + (value % unit != 0);
        }
}

/* A measure without bounds: its sums may lie wherever there may be contributors, and be anything there. So they are safe together with all
 * else if they are safe by themselves with every other inner cell known to be empty. */
static int protect_amounts(struct joint *joint, const struct joint_measure *measure, struct err *err)
{
    struct work *work = joint->work;
    const size_t cells = joint->base.cell_count;
    int part = measure->roles[WITH] ? measure->part[WITH] : LIFT_CASES;
    struct lift_part sums = { .tables = measure->tables };
    struct lift_cell *states = arena_alloc(&joint->base.arena, (cells + 1) * sizeof *states);
    int64_t *amounts = arena_alloc(&joint->base.arena, (joint->base.contribution_count + 1) * sizeof *amounts);
    struct protect_problem problem;
    struct protect_result result;
    const int64_t start_ns = clock_monotonic_ns();
    if (!joint_find_states(joint, measure, ABOVE, states))
        return 0;
    work->period.negative = false;
    add_values(joint, amounts, &work->period.negative);
    sums.amounts = amounts;
    sums.cells = states;
    problem_init(&problem);
    lift_alone(&joint->base, &sums, joint->reached + (size_t)(part + 1) * joint->base.unknown_count, &problem);
    work->layer = (struct layer) { .measure = measure->measure, .amounts = true };
    struct protect_options options = protection_options(work);
    int code = protect_run(&problem, &options, &result, err);
    if (!code) {
        protection_note(work, joint->period, &problem, &result);
        protection_take(work, joint->period, &problem, &result);
        protection_tell(work, joint->period, &problem, &result, (clock_monotonic_ns() - start_ns) / 1000000);
        protect_result_release(&result);
    }
    work->period.negative = false;
    problem_release(&problem);
    return code;
}

static int protect_all_amounts(struct joint *joint, struct err *err)
{
    int code = 0;
    for (size_t m = 0; m < joint->measure_count && !code; m++) {
        struct joint_measure *measure = &joint->measures[m];
        struct layer layer = { .measure = measure->measure, .amounts = true, .part = LAYER_AS_IT_IS };
        if (!has_sums(joint, measure))
            continue;
        code = period_rows_read(&joint->rows, joint->work->rows, &(struct period_choice) { joint->dimension, joint->period, layer }, err);
        code = code ? code : protect_amounts(joint, measure, err);
    }
    return code;
}

/* What cannot be proved safe together is published with one measure less, and so on: the counts alone are safe. */
static int protect_measures(struct joint *joint, struct err *err)
{
    bool safe = false;
    int code = 0;
    while (!safe && !code && joint->measure_count) {
        code = joint_build_parts(joint, err);
        if (!code && !joint->part_count && !any_sums(joint))
            return 0;
        code = code ? code : try_measures(joint, &safe, err);
        if (!safe && !code)
            withhold_measure(joint, joint->measures[--joint->measure_count].measure);
    }
    return code || !safe ? code : protect_all_amounts(joint, err);
}

static void release(struct joint *joint)
{
    struct work *work = joint->work;
    for (size_t d = 0; d < work->period.dimensions; d++)
        codes_release(&work->codes[d]);
    for (size_t t = 0; t < work->table_count; t++)
        cross_map_release(&work->tables[t].map);
    period_rows_release(&joint->rows);
    problem_release(&joint->base);
    free(joint->measures);
    free(joint->parts);
    free(joint->sums);
    free(joint->blocks);
    free(joint->reached);
}

int protection_join(struct work *work, size_t dimension, uint32_t period, struct err *err)
{
    const size_t most = work->cube->plan->measure_count;
    struct joint joint = { .work = work, .dimension = dimension, .period = period, .rows = { .dimensions = work->period.dimensions } };
    if (!most)
        return 0;
    joint.measures = mem_zalloc(most, sizeof *joint.measures);
    joint.parts = mem_zalloc(most * ROLES, sizeof *joint.parts);
    joint.blocks = mem_zalloc(most * ROLES, sizeof *joint.blocks);
    joint.sums = mem_zalloc(most * ROLES, sizeof *joint.sums);
    for (size_t m = 0; m < most; m++)
        joint.measures[joint.measure_count++].measure = m;
    int code = joint_build_cases(&joint, err);
    if (!code && work->period.count)
        code = protect_measures(&joint, err);
    release(&joint);
    return code;
}
