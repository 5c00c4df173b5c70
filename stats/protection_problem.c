#include "stats/protection_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* Combinations up to which a table's zeros are unknowns too, as they are to the reader. Beyond it they count as known, which
 * is stricter. */
enum { ZEROS_MAX = 200 * 1000 };

static bool shares_two(const struct protection_table *a, const struct protection_table *b)
{
    size_t shared = 0;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            shared += a->dimensions[i] == b->dimensions[j];
    return shared >= 2;
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
        if (&work->tables[t] != table && shares_two(&work->tables[t], table))
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
    struct cross cross = { .dimensions = table->crossed, .dimension_count = table->count, .records = records, .record_count = work->period.count,
                           .zeros = takes_zeros(work, table), .tables = UINT64_C(1) << t, .first_axis = *axis };
    *axis += (uint32_t)table->count;
    int code = cross_build(&cross, problem, &table->map, err);
    free(records);
    return code;
}

/* The node of the cell's period: `period`, or where periods are an axis what the cell's code there says. CROSS_NOT_HERE: none. */
static uint32_t period_of(const struct work *work, size_t t, uint32_t period, const uint32_t *codes)
{
    size_t dimension = work->cube->plan->tables[work->table_of[t]].dimensions[0];
    if (work->axis == NO_AXIS)
        return period;
    if ((dimension == work->axis) == (codes[0] == 0))
        return CROSS_NOT_HERE;
    return codes[0] ? work->codes[work->axis].node_of[codes[0]] : work->period.nodes[dimension];
}

/* The cell's index in its table of the cube, CELLMAP_NONE if the table has none. */
static uint32_t cube_cell(const struct work *work, size_t t, uint32_t period, uint32_t cell)
{
    const struct protection_table *table = &work->tables[t];
    const struct cube_table *cube = &work->cube->tables[work->table_of[t]];
    const uint32_t *codes = table->map.codes + (size_t)cell * table->map.dimension_count;
    size_t first = work->axis != NO_AXIS;
    uint32_t node = period_of(work, t, period, codes);
    if (node == CROSS_NOT_HERE)
        return CELLMAP_NONE;
    cell_key key = layout_part(&cube->layout, 0, node);
    for (size_t d = first; d < table->count; d++)
        key |= layout_part(&cube->layout, d - first + 1, work->codes[table->dimensions[d]].node_of[codes[d]]);
    return cellmap_find(&cube->cells, key);
}

/* Is the cell's period one that the table may publish? */
static bool may_publish(const struct work *work, size_t t, uint32_t cube_cell)
{
    const struct cube_table *cube = &work->cube->tables[work->table_of[t]];
    const bool *periods = work->patterns[work->table_of[t]].periods;
    return !periods || periods[layout_node(&cube->layout, cellmap_at(&cube->cells, cube_cell)->key, 0)];
}

bool *protection_place(const struct work *work, size_t t, uint32_t period, uint32_t cell)
{
    const struct cube_table_plan *plan = &work->cube->plan->tables[work->table_of[t]];
    const struct protection_pattern *pattern = &work->patterns[work->table_of[t]];
    uint32_t at = pattern->earlier ? CELLMAP_NONE : cube_cell(work, t, period, cell);
    if (at == CELLMAP_NONE || !may_publish(work, t, at))
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

/* Would the figures say of all but fewer than k persons that their values are in one category of the measure: within its share's range or
 * outside, at its highest or its lowest value? A mean of 59/12 on 1 to 5 says that eleven of twelve gave a 5. */
bool protection_implies_category(const struct case_measure *measure, const struct table_measure *spec, const struct cell_sum *sum, uint64_t k)
{
    unsigned sums = 1u << TABLE_MEAN | 1u << TABLE_SUM;
    if (spec->figures & 1u << TABLE_SHARE && (sum->share < k || sum->n - sum->share < k))
        return true;
    if (spec->figures & 1u << TABLE_SD && sum->squares * (cell_wide)sum->n == (cell_wide)sum->sum * sum->sum)
        return true;
    if (!measure->is_bounded || !(spec->figures & sums))
        return false;
    cell_wide below = (cell_wide)measure->highest * (cell_wide)sum->n - sum->sum;
    cell_wide above = sum->sum - (cell_wide)measure->lowest * (cell_wide)sum->n;
    return below < (cell_wide)k || above < (cell_wide)k;
}

static unsigned rules_of(const struct work *work, size_t t, uint32_t cube_cell)
{
    const struct cube_table *table = &work->cube->tables[work->table_of[t]];
    for (size_t m = 0; m < table->plan->measure_count && work->layer.measure != NO_MEASURE && !work->layer.amounts; m++)
        if (table->plan->measures[m].measure == work->layer.measure
            && protection_implies_category(&work->measures[work->layer.measure], &work->specs[work->table_of[t]]->measures[m],
                                &cellmap_at(&table->cells, cube_cell)->sums[m], work->cube->plan->k))
            return PROTECT_RANGE;
    return 0;
}

/* Do readers know the cell of this layer already? */
static bool is_known(const struct work *work, size_t t, uint32_t period, uint32_t cell)
{
    const struct cube_table_plan *plan = &work->cube->plan->tables[work->table_of[t]];
    const struct protected_table *earlier = work->patterns[work->table_of[t]].earlier;
    uint32_t at = earlier ? cube_cell(work, t, period, cell) : CELLMAP_NONE;
    if (at == CELLMAP_NONE)
        return false;
    if (work->layer.measure == NO_MEASURE)
        return earlier->cells[at];
    for (size_t m = 0; m < plan->measure_count; m++)
        if (plan->measures[m].measure == work->layer.measure && earlier->measures[at * plan->measure_count + m])
            return true;
    return false;
}

static void mark_cells(const struct work *work, uint32_t period, struct protect_problem *problem)
{
    for (size_t t = 0; t < work->table_count; t++)
        for (uint32_t c = 0; c < work->tables[t].map.cell_count; c++) {
            struct protect_cell *cell = &problem->cells[work->tables[t].map.first_cell + c];
            if (protection_place(work, t, period, c))
                cell->rules = rules_of(work, t, cube_cell(work, t, period, c));
            else
                cell->state = is_known(work, t, period, c) ? PROTECT_PUBLISHED : PROTECT_UNAVAILABLE;
        }
}

static void publish_cells(const struct work *work, uint32_t period, const unsigned *withheld)
{
    for (size_t t = 0; t < work->table_count; t++)
        for (uint32_t c = 0; c < work->tables[t].map.cell_count; c++) {
            bool *place = protection_place(work, t, period, c);
            if (place)
                *place = !withheld[work->tables[t].map.first_cell + c];
        }
}

static bool is_sensitive(const struct work *work, size_t t, size_t d)
{
    const struct table_spec *spec = work->specs[work->table_of[t]];
    return work->axis == NO_AXIS ? spec->dimensions[d + 1].sensitive : d && spec->dimensions[d].sensitive;
}

int protection_build(struct work *work, uint32_t period, struct protect_problem *problem, struct err *err)
{
    uint32_t axis = 0;
    int code = 0;
    for (size_t t = 0; t < work->table_count; t++)
        for (size_t d = 0; d < work->tables[t].count; d++) {
            struct codes *codes = &work->codes[work->tables[t].dimensions[d]];
            work->tables[t].crossed[d] = (struct cross_dimension) { codes->count, codes->leaf, &codes->axis, 1, is_sensitive(work, t, d) };
        }
    for (size_t t = 0; t < work->table_count && !code; t++)
        code = add_table(work, t, &axis, problem, err);
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

/* Cells of published tables that are lost. */
static void note_lost(const struct work *work, uint32_t period, const struct protect_members *members)
{
    for (size_t m = 0; m < members->count; m++)
        for (size_t t = 0; t < work->table_count && members->members[m].lost; t++) {
            const struct cross_map *map = &work->tables[t].map;
            bool *lost = work->patterns[work->table_of[t]].lost;
            uint32_t cell = members->members[m].cell - map->first_cell;
            uint32_t at = lost && cell < map->cell_count ? cube_cell(work, t, period, cell) : CELLMAP_NONE;
            if (at != CELLMAP_NONE)
                lost[at] = true;
        }
}

void protection_take(const struct work *work, uint32_t period, const struct protect_problem *problem, const struct protect_result *result)
{
    publish_cells(work, period, result->withheld);
    note_lost(work, period, &result->members);
    add_counts(work->counts, problem, &result->report);
}
