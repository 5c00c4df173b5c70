#include "stats/protection_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* Combinations up to which a table's zeros are unknowns too, as they are to the reader. Beyond it they count as known, which
 * is stricter. */
enum { ZEROS_MAX = 200 * 1000 };

/* Besides the axis, of which it is known what is empty (protection_find_present()). */
static bool shares_two(const struct work *work, const struct protection_table *a, const struct protection_table *b)
{
    size_t shared = 0;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            shared += a->dimensions[i] == b->dimensions[j] && a->dimensions[i] != work->axis;
    return shared >= 2;
}

bool protection_shares_two(const struct work *work)
{
    for (size_t t = 1; t < work->table_count; t++)
        for (size_t other = 0; other < t; other++)
            if (shares_two(work, &work->tables[t], &work->tables[other]))
                return true;
    return false;
}

/* Zeros are unknowns unless there are too many; and unless another table shares two dimensions: then the reader may know that a
 * combination of these is empty, and equations say nothing of it. */
static bool takes_zeros(const struct work *work, const struct protection_table *table)
{
    double combinations = 1;
    for (size_t d = 0; d < table->count; d++) {
        uint32_t leaves = 0;
        for (uint32_t code = 0; code < table->crossed[d].code_count; code++)
            leaves += table->crossed[d].leaf[code];
        combinations *= leaves;
    }
    for (size_t t = 0; t < work->table_count; t++)
        if (&work->tables[t] != table && shares_two(work, &work->tables[t], table))
            return false;
    return combinations <= ZEROS_MAX;
}

static struct cross_record *make_records(const struct work *work, const struct protection_table *table)
{
    const struct period_rows *period = &work->period;
    struct cross_record *records = mem_zalloc(period->count, sizeof *records);
    for (size_t r = 0; r < period->count; r++) {
        records[r].person = period->person[r];
        records[r].cases = period->amount[r];
        for (size_t d = 0; d < table->count; d++)
            records[r].leaves[d] = work->codes[table->dimensions[d]].code_of[period->nodes[r * period->dimensions + table->dimensions[d]]];
    }
    return records;
}

static int add_table(const struct work *work, size_t t, uint32_t *axis, struct protect_problem *problem, struct err *err)
{
    struct protection_table *table = &work->tables[t];
    struct cross_record *records = make_records(work, table);
    struct crossing crossing = { work, table };
    struct cross cross = { .dimensions = table->crossed, .dimension_count = table->count, .records = records, .record_count = work->period.count,
                           .zeros = takes_zeros(work, table), .tables = UINT64_C(1) << t, .first_axis = *axis,
                           .impossible = protection_is_impossible, .context = &crossing };
    *axis += (uint32_t)table->count;
    int code = cross_build(&cross, problem, &table->map, err);
    free(records);
    return code;
}

/* The node of the cell's period: `period`, or where periods are an axis what the cell's code there says. CROSS_NOT_HERE: none. */
static uint32_t period_of(const struct work *work, const struct face *face, uint32_t period, const uint32_t *codes)
{
    size_t dimension = work->cube->plan->tables[face->table].dimensions[0];
    if (work->axis == NO_AXIS)
        return period;
    if ((dimension == work->axis) == (codes[0] == 0))
        return CROSS_NOT_HERE;
    return codes[0] ? work->codes[work->axis].node_of[codes[0]] : work->period.nodes[dimension];
}

/* The cell's index in the face's table of the cube, CELLMAP_NONE if that has none. The axis, if any, comes first in both. */
uint32_t protection_cube_cell(const struct work *work, const struct face *face, uint32_t period, uint32_t cell)
{
    const struct protection_table *cross = &work->tables[face->cross];
    const struct cube_table *cube = &work->cube->tables[face->table];
    const uint32_t *codes = cross->map.codes + (size_t)cell * cross->map.dimension_count;
    size_t first = work->axis != NO_AXIS;
    uint32_t node = period_of(work, face, period, codes);
    if (node == CROSS_NOT_HERE)
        return CELLMAP_NONE;
    cell_key key = layout_part(&cube->layout, 0, node);
    for (size_t d = first; d < cross->count; d++) {
        size_t at = first;
        while (at < face->count && face->dimensions[at] != cross->dimensions[d])
            at++;
        if (at == face->count && codes[d])
            return CELLMAP_NONE;
        if (at < face->count)
            key |= layout_part(&cube->layout, at - first + 1, work->codes[cross->dimensions[d]].node_of[codes[d]]);
    }
    return cellmap_find(&cube->cells, key);
}

/* Is the cell's period one that the table may publish? */
static bool may_publish(const struct work *work, const struct face *face, uint32_t cube_cell)
{
    const struct cube_table *cube = &work->cube->tables[face->table];
    const bool *periods = work->patterns[face->table].periods;
    return !periods || periods[layout_node(&cube->layout, cellmap_at(&cube->cells, cube_cell)->key, 0)];
}

/* Where the pattern says whether the cell may be published in this layer; NULL: it is not asked for, or its count is withheld. */
bool *protection_place(const struct work *work, const struct face *face, uint32_t at)
{
    const struct cube_table_plan *plan = &work->cube->plan->tables[face->table];
    const struct protection_pattern *pattern = &work->patterns[face->table];
    if (at == CELLMAP_NONE || pattern->earlier || pattern->protect_only || !may_publish(work, face, at) || protection_is_over_waves(work, face->table, at))
        return NULL;
    if (work->layer.measure == NO_MEASURE)
        return &pattern->cells[at];
    for (size_t m = 0; m < plan->measure_count && pattern->cells[at]; m++)
        if (plan->measures[m].measure == work->layer.measure) {
            bool *place = &pattern->measures[at * plan->measure_count + m];
            return work->layer.amounts && !*place ? NULL : place;
        }
    return NULL;
}

/* Do readers know the cell of this layer already? */
bool protection_is_known(const struct work *work, const struct face *face, uint32_t at)
{
    const struct cube_table_plan *plan = &work->cube->plan->tables[face->table];
    const struct protected_table *earlier = work->patterns[face->table].earlier;
    if (at == CELLMAP_NONE || !earlier)
        return false;
    if (work->layer.measure == NO_MEASURE)
        return earlier->cells[at];
    for (size_t m = 0; m < plan->measure_count; m++)
        if (plan->measures[m].measure == work->layer.measure && earlier->measures[at * plan->measure_count + m])
            return true;
    return false;
}

/* Are all but fewer than k values the same? From their number, sum and squares: the squares of how far they are from the whole number next to
 * their mean add up to at least one for each that is another. */
static bool are_nearly_equal(const struct cell_sum *sum, uint64_t k)
{
    const cell_wide n = (cell_wide)sum->n, floor = sum->sum / n - (sum->sum % n < 0), rest = sum->sum - n * floor;
    const cell_wide below = sum->squares - floor * sum->sum - floor * rest; /* from `floor`; from the next whole number: */
    const cell_wide above = below - 2 * rest + n;
    return below < (cell_wide)k || above < (cell_wide)k;
}

/* Would the figures say of all but fewer than k persons that their values are in one category of the measure: within its share's range or
 * outside, at its highest or its lowest value? A mean of 59/12 on 1 to 5 says that eleven of twelve gave a 5. */
bool protection_implies_category(const struct case_measure *measure, const struct table_measure *spec, const struct cell_sum *sum, uint64_t k)
{
    unsigned sums = 1u << TABLE_MEAN | 1u << TABLE_SUM;
    if (spec->figures & 1u << TABLE_SHARE && (sum->share < k || sum->n - sum->share < k))
        return true;
    if (spec->figures & 1u << TABLE_SD && sum->n && are_nearly_equal(sum, k))
        return true;
    if (!measure->is_bounded || !(spec->figures & sums))
        return false;
    cell_wide below = (cell_wide)measure->highest * (cell_wide)sum->n - sum->sum;
    cell_wide above = sum->sum - (cell_wide)measure->lowest * (cell_wide)sum->n;
    return below < (cell_wide)k || above < (cell_wide)k;
}

unsigned protection_rules(const struct work *work, const struct face *face, uint32_t cube_cell)
{
    const struct cube_table *table = &work->cube->tables[face->table];
    for (size_t m = 0; m < table->plan->measure_count && work->layer.measure != NO_MEASURE && !work->layer.amounts; m++)
        if (table->plan->measures[m].measure == work->layer.measure
            && protection_implies_category(&work->measures[work->layer.measure], &work->specs[face->table]->measures[m],
                                &cellmap_at(&table->cells, cube_cell)->sums[m], work->cube->plan->k))
            return PROTECT_RANGE;
    return 0;
}

/* Calls `visit` for each cell of the problem that is a cell of a face, with its index there (or CELLMAP_NONE). */
struct visit {
    const struct work *work;
    struct protect_problem *problem;
    const unsigned *withheld;
    const struct face *face;
};

static void visit_cells(struct visit *visit, uint32_t period, void (*take)(const struct visit *visit, struct protect_cell *cell, uint32_t at))
{
    const struct work *work = visit->work;
    for (size_t f = 0; f < work->face_count; f++) {
        const struct cross_map *map = &work->tables[work->faces[f].cross].map;
        visit->face = &work->faces[f];
        for (uint32_t c = 0; c < map->cell_count; c++)
            take(visit, &visit->problem->cells[map->first_cell + c], protection_cube_cell(work, visit->face, period, c));
    }
}

/* Has it a waiver, and the k persons that none is for? */
bool protection_is_waived(const struct work *work, const struct face *face, uint32_t at)
{
    const struct cube_table *table = &work->cube->tables[face->table];
    const bool *waived = work->patterns[face->table].waived;
    const struct cell *cell = cellmap_at(&table->cells, at);
    bool enough = waived && waived[at] && cell->persons >= work->cube->plan->k;
    for (size_t m = 0; m < table->plan->measure_count && work->layer.measure != NO_MEASURE; m++)
        if (table->plan->measures[m].measure == work->layer.measure)
            enough = enough && cell->sums[m].persons >= work->cube->plan->k;
    return enough;
}

/* Comes first, but for what it would expose. */
static bool is_first(const struct work *work, const struct face *face, uint32_t at)
{
    const bool *common = work->patterns[face->table].common;
    return protection_is_waived(work, face, at) || (common && work->layer.measure == NO_MEASURE && common[at]);
}

/* What readers know is known, whoever else asks for it; what nobody asks for is not to be had. */
static void mark_cell(const struct visit *visit, struct protect_cell *cell, uint32_t at)
{
    if (protection_is_known(visit->work, visit->face, at))
        cell->state = PROTECT_PUBLISHED;
    if (!protection_place(visit->work, visit->face, at))
        return;
    if (cell->state == PROTECT_UNAVAILABLE)
        cell->state = PROTECT_CANDIDATE;
    if (cell->state == PROTECT_CANDIDATE && is_first(visit->work, visit->face, at))
        cell->state = PROTECT_FORCED;
    cell->rules |= protection_rules(visit->work, visit->face, at);
}

static void mark_cells(const struct work *work, uint32_t period, struct protect_problem *problem)
{
    struct visit visit = { work, problem, NULL, NULL };
    for (size_t c = 0; c < problem->cell_count; c++)
        problem->cells[c].state = PROTECT_UNAVAILABLE;
    visit_cells(&visit, period, mark_cell);
}

static void publish_cell(const struct visit *visit, struct protect_cell *cell, uint32_t at)
{
    bool *place = protection_place(visit->work, visit->face, at);
    if (place)
        *place = !visit->withheld[cell - visit->problem->cells];
}

static void publish_cells(const struct work *work, uint32_t period, struct protect_problem *problem, const unsigned *withheld)
{
    struct visit visit = { work, problem, withheld, NULL };
    visit_cells(&visit, period, publish_cell);
}

static bool is_sensitive(const struct work *work, size_t dimension)
{
    for (size_t f = 0; f < work->face_count; f++) {
        const struct cube_table_plan *plan = &work->cube->plan->tables[work->faces[f].table];
        for (size_t d = 1; d < plan->dimension_count; d++)
            if (plan->dimensions[d] == dimension && work->specs[work->faces[f].table]->dimensions[d].sensitive)
                return true;
    }
    return false;
}

int protection_build(struct work *work, uint32_t period, struct protect_problem *problem, struct err *err)
{
    uint32_t axis = 0;
    int code = 0;
    for (size_t t = 0; t < work->table_count; t++)
        for (size_t d = 0; d < work->tables[t].count; d++) {
            struct codes *codes = &work->codes[work->tables[t].dimensions[d]];
            work->tables[t].crossed[d] = (struct cross_dimension) { codes->count, codes->leaf, &codes->axis, 1, is_sensitive(work, work->tables[t].dimensions[d]) };
        }
    protection_find_present(work);
    for (size_t t = 0; t < work->table_count && !code; t++)
        code = add_table(work, t, &axis, problem, err);
    protection_release_present(work);
    if (code)
        return code;
    links_add(problem, work->tables, work->table_count);
    mark_cells(work, period, problem);
    problem_finish(problem);
    return 0;
}

static void add_counts(struct protection_counts *counts, const struct protect_problem *problem, const struct protect_report *report)
{
    for (size_t c = 0; c < problem->cell_count; c++)
        counts->cells += problem->cells[c].state != PROTECT_UNAVAILABLE;
    counts->primary += report->primary;
    counts->secondary += report->eliminated + report->remainders;
    counts->repaired += report->repaired;
    counts->lost += report->members_lost;
    counts->iterations += report->iterations;
}

void protection_note_lost(const struct work *work, uint32_t period, uint32_t cell)
{
    for (size_t f = 0; f < work->face_count; f++) {
        const struct cross_map *map = &work->tables[work->faces[f].cross].map;
        bool *lost = work->patterns[work->faces[f].table].lost;
        uint32_t place = cell - map->first_cell;
        uint32_t at = lost && place < map->cell_count ? protection_cube_cell(work, &work->faces[f], period, place) : CELLMAP_NONE;
        if (at != CELLMAP_NONE)
            lost[at] = true;
    }
}

void protection_take(const struct work *work, uint32_t period, struct protect_problem *problem, const struct protect_result *result)
{
    publish_cells(work, period, problem, result->withheld);
}

/* Cells that were published when a smaller k was asked for: everybody knows how few they hold. */
static void note_published(const struct work *work, uint32_t period, const struct protect_problem *problem)
{
    struct protect_persons persons;
    if (work->layer.part != LAYER_VALUE || work->layer.amounts)
        return;
    persons_init(&persons, problem);
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        if (problem->cells[c].state != PROTECT_PUBLISHED)
            continue;
        uint64_t count = persons_of_row(&persons, problem->cells[c].row);
        if (count && count < work->cube->plan->k)
            protection_note_lost(work, period, c);
    }
    persons_release(&persons);
}

void protection_note(const struct work *work, uint32_t period, const struct protect_problem *problem, const struct protect_result *result)
{
    for (size_t m = 0; m < result->members.count; m++)
        if (result->members.members[m].lost || result->members.members[m].narrow)
            protection_note_lost(work, period, result->members.members[m].cell);
    note_published(work, period, problem);
    add_counts(work->counts, problem, &result->report);
}
