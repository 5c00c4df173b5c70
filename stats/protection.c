#include "stats/protection.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/protect/protect.h"
#include "stats/protection_links.h"
#include "stats/protection_rows.h"

/* Combinations up to which a table's zeros are unknowns too, as they are to the reader. Beyond it they count as known, which
 * is stricter. */
enum { ZEROS_MAX = 200 * 1000 };

enum { DOMINANCE_PERSONS = 1, DOMINANCE_PERCENT = 80, P_PERCENT = 10 };

#define NO_AXIS PERIOD_ANY

/* Simplex iterations for one period and layer, and cells of one period: more are not protected in a night. */
#define BUDGET UINT64_C(2000000)
enum { CELLS_MAX = 5000 };

struct work {
    const struct cube *cube;
    const struct row_source *rows;
    const struct table_spec *const *specs;
    const struct case_measure *measures; /* of the source */
    const struct protection_pattern *patterns;
    struct protection_counts *counts;
    struct layer layer;
    struct period_rows period;
    struct codes *codes;               /* per dimension of the source */
    struct protection_table *tables;   /* those of the period's dimension */
    size_t *table_of, table_count;     /* which table of the cube each is */
    size_t axis;                       /* the shortest period, where it is an axis of all tables; else NO_AXIS: one period alone */
    size_t (*axes)[LAYOUT_MAX_DIMENSIONS]; /* per table: its dimensions then */
};

/* ---- tables ---- */

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

/* Where the pattern says whether the cell may be published in this layer; NULL: it is not asked for, or its count is withheld. */
static bool *place_of(const struct work *work, size_t t, uint32_t period, uint32_t cell)
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
static bool implies_category(const struct case_measure *measure, const struct table_measure *spec, const struct cell_sum *sum, uint64_t k)
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
            && implies_category(&work->measures[work->layer.measure], &work->specs[work->table_of[t]]->measures[m],
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
            if (place_of(work, t, period, c))
                cell->rules = rules_of(work, t, cube_cell(work, t, period, c));
            else
                cell->state = is_known(work, t, period, c) ? PROTECT_PUBLISHED : PROTECT_UNAVAILABLE;
        }
}

static void publish_cells(const struct work *work, uint32_t period, const unsigned *withheld)
{
    for (size_t t = 0; t < work->table_count; t++)
        for (uint32_t c = 0; c < work->tables[t].map.cell_count; c++) {
            bool *place = place_of(work, t, period, c);
            if (place)
                *place = !withheld[work->tables[t].map.first_cell + c];
        }
}

/* ---- a period ---- */

static struct protect_options options_of(const struct work *work)
{
    return (struct protect_options) {
        .k = (int64_t)work->cube->plan->k,
        .zeros = PROTECT_ZEROS_WITHHELD,
        .audit = work->period.negative ? PROTECT_AUDIT_OFF : PROTECT_AUDIT_X0, /* without a lower bound intervals have no ends */
        .amounts = work->layer.amounts,
        .budget = BUDGET,
        .dominance_persons = DOMINANCE_PERSONS,
        .dominance_percent = DOMINANCE_PERCENT,
        .p_percent = P_PERCENT,
    };
}

static bool is_sensitive(const struct work *work, size_t t, size_t d)
{
    const struct table_spec *spec = work->specs[work->table_of[t]];
    return work->axis == NO_AXIS ? spec->dimensions[d + 1].sensitive : d && spec->dimensions[d].sensitive;
}

static int build_problem(struct work *work, uint32_t period, struct protect_problem *problem, struct err *err)
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

/* What readers know already has all its dimensions: they do. */
static bool can_coarsen(const struct work *work, size_t t)
{
    return work->tables[t].count > 1 && !work->patterns[work->table_of[t]].earlier;
}

/* Amounts are asked for where there are contributors, so their tables are as these. */
static uint64_t coarsenable(const struct work *work)
{
    uint64_t tables = 0;
    for (size_t t = 0; t < work->table_count && !work->layer.amounts; t++)
        tables |= (uint64_t)can_coarsen(work, t) << t;
    return tables;
}

static int protect_problem(const struct work *work, uint32_t period, const struct protect_problem *problem, uint64_t *dropped, struct err *err)
{
    struct protect_options options = options_of(work);
    struct protect_result result;
    int code = protect_run(problem, &options, &result, err);
    if (code)
        return code;
    *dropped = result.report.dropped_tables;
    if (!*dropped || !coarsenable(work)) { /* else it is done again */
        publish_cells(work, period, result.withheld);
        note_lost(work, period, &result.members);
        add_counts(work->counts, problem, &result.report);
    }
    protect_result_release(&result);
    return 0;
}

/* Takes the last dimension from these tables for this period, and again while the tables' shared dimensions form a cycle. */
static void coarsen(struct work *work, uint64_t tables)
{
    do {
        for (size_t t = 0; t < work->table_count; t++)
            if (tables >> t & 1 && can_coarsen(work, t)) {
                work->tables[t].count--;
                work->counts->coarsened++;
            }
    } while (!links_are_tree(work->tables, work->table_count) && tables & coarsenable(work));
}

/* The table with the most cells, as a bit, where all together are too many for the budget. */
static int find_too_large(const struct work *work, const struct protect_problem *problem, uint64_t *table, struct err *err)
{
    uint32_t most = 0;
    for (size_t t = 0; t < work->table_count && problem->cell_count > CELLS_MAX; t++)
        if (can_coarsen(work, t) && work->tables[t].map.cell_count > most) {
            most = work->tables[t].map.cell_count;
            *table = UINT64_C(1) << t;
        }
    if (problem->cell_count > CELLS_MAX && !most)
        return err_set(err, ERR_DATA, "more than %d cells of one period can not be protected", CELLS_MAX);
    return 0;
}

static void release_maps(struct work *work)
{
    for (size_t t = 0; t < work->table_count; t++)
        cross_map_release(&work->tables[t].map);
}

/* Protects what is left of the tables; *unsafe: those that are too large, or were not proved safe within the budget and are withheld. */
static int try_period(struct work *work, uint32_t period, uint64_t *unsafe, struct err *err)
{
    struct protect_problem problem;
    problem_init(&problem);
    *unsafe = 0;
    int code = build_problem(work, period, &problem, err);
    if (!code && !work->layer.amounts)
        code = find_too_large(work, &problem, unsafe, err);
    if (!code && !*unsafe)
        code = protect_problem(work, period, &problem, unsafe, err);
    release_maps(work);
    problem_release(&problem);
    return code;
}

/* A table that is too large, or cannot be proved safe, is tried again without its last dimension; with one alone it stays withheld. */
static int decide_period(struct work *work, uint32_t period, struct err *err)
{
    uint64_t unsafe = 0;
    for (size_t d = 0; d < work->period.dimensions; d++)
        codes_find(&work->codes[d], &work->cube->plan->dimensions[d], &work->period, d);
    int code = try_period(work, period, &unsafe, err);
    while (!code && unsafe && coarsenable(work)) {
        uint64_t able = unsafe & coarsenable(work);
        coarsen(work, able ? able : coarsenable(work));
        code = try_period(work, period, &unsafe, err);
    }
    for (size_t d = 0; d < work->period.dimensions; d++)
        codes_release(&work->codes[d]);
    return code;
}

static int add_to_problem(struct work *work, size_t t, const size_t *dimensions, size_t count, struct err *err)
{
    if (work->table_count == PROTECT_MAX_TABLES)
        return err_set(err, ERR_CONFIG, "more than %d tables of one source can not be protected together", PROTECT_MAX_TABLES);
    work->table_of[work->table_count] = t;
    work->tables[work->table_count++] = (struct protection_table) { .dimensions = dimensions, .count = count };
    return 0;
}

static int check_tree(const struct work *work, struct err *err)
{
    if (links_are_tree(work->tables, work->table_count))
        return 0;
    return err_set(err, ERR_CONFIG,
                   "the tables' shared dimensions form a cycle (as A by B, B by C, C by A), which cannot be protected: leave one out, or "
                   "make one table of all their dimensions");
}

/* The tables by the period dimension; the source's dimensions without it. */
static int gather_tables(struct work *work, size_t dimension, struct err *err)
{
    int code = 0;
    work->table_count = 0;
    for (size_t t = 0; t < work->cube->plan->table_count && !code; t++) {
        const struct cube_table_plan *plan = &work->cube->plan->tables[t];
        if (plan->dimensions[0] == dimension)
            code = add_to_problem(work, t, plan->dimensions + 1, plan->dimension_count - 1, err);
    }
    return code ? code : check_tree(work, err);
}

/* All tables, each with the axis of periods in place of its own. */
static int gather_all(struct work *work, struct err *err)
{
    int code = 0;
    work->table_count = 0;
    for (size_t t = 0; t < work->cube->plan->table_count && !code; t++) {
        const struct cube_table_plan *plan = &work->cube->plan->tables[t];
        memcpy(work->axes[t], plan->dimensions, plan->dimension_count * sizeof *plan->dimensions);
        work->axes[t][0] = work->axis;
        code = add_to_problem(work, t, work->axes[t], plan->dimension_count, err);
    }
    return code ? code : check_tree(work, err);
}

/* The periods with cells in any table, ascending: marks per node. */
static bool *find_periods(const struct work *work, size_t dimension)
{
    bool *found = mem_zalloc(work->cube->plan->dimensions[dimension].count, sizeof *found);
    for (size_t t = 0; t < work->table_count; t++) {
        const struct cube_table *table = &work->cube->tables[work->table_of[t]];
        for (size_t c = 0; c < table->cells.count; c++)
            found[layout_node(&table->layout, cellmap_at(&table->cells, c)->key, 0)] = true;
    }
    return found;
}

/* ---- a table without margins ---- */

/* One person with more than 80 % of the cases, or whose share the next greatest could tell to 10 % (dominance and p %-rule). */
static bool is_dominated(const struct cell *cell)
{
    uint64_t rest = cell->cases - cell->top1 - cell->top2;
    return cell->top1 * 100 > cell->cases * DOMINANCE_PERCENT || rest * 100 < cell->top1 * P_PERCENT;
}

/* Nothing adds up to anything in a table of inner cells alone, so each cell is judged by itself; the threshold sees to k. */
static void decide_flat(const struct work *work)
{
    size_t t = work->table_of[0];
    const struct cube_table *table = &work->cube->tables[t];
    const struct protection_pattern *pattern = &work->patterns[t];
    for (size_t c = 0; c < table->cells.count; c++) {
        const struct cell *cell = cellmap_at(&table->cells, c);
        pattern->cells[c] = !is_dominated(cell);
        for (size_t m = 0; m < table->plan->measure_count; m++)
            pattern->measures[c * table->plan->measure_count + m]
                = pattern->cells[c] && !implies_category(&work->measures[table->plan->measures[m].measure], &work->specs[t]->measures[m], &cell->sums[m],
                                                         work->cube->plan->k);
        work->counts->cells++;
        work->counts->primary += !pattern->cells[c] || cell->persons < work->cube->plan->k;
    }
}

/* The longer periods are one each: all rows lie in them. */
static int check_span(const struct work *work, struct err *err)
{
    const struct period_rows *period = &work->period;
    for (size_t t = 0; t < work->table_count; t++) {
        size_t dimension = work->cube->plan->tables[t].dimensions[0];
        for (size_t r = 1; r < period->count && dimension != work->axis; r++)
            if (period->nodes[r * period->dimensions + dimension] != period->nodes[dimension])
                return err_set(err, ERR_CONFIG, "tables '%s' and '%s' have periods that cut each other", work->specs[0]->name, work->specs[t]->name);
    }
    return 0;
}

/* Is there a table that adds up the measure's amounts? Scores are within their range, so one of them is never most of a sum. */
static bool has_amounts(const struct work *work, size_t measure)
{
    const unsigned sums = 1u << TABLE_SUM | 1u << TABLE_MEAN | 1u << TABLE_SD;
    for (size_t t = 0; t < work->table_count; t++) {
        const struct cube_table_plan *plan = &work->cube->plan->tables[work->table_of[t]];
        for (size_t m = 0; m < plan->measure_count; m++)
            if (plan->measures[m].measure == measure && !work->measures[measure].is_bounded
                && work->specs[work->table_of[t]]->measures[m].figures & sums)
                return true;
    }
    return false;
}

static int decide_layer(struct work *work, size_t dimension, uint32_t node, struct layer layer, struct err *err)
{
    work->layer = layer;
    int code = period_rows_read(&work->period, work->rows, &(struct period_choice) { dimension, node, layer }, err);
    if (!code && dimension == PERIOD_ANY)
        code = check_span(work, err);
    return code || !work->period.count ? code : decide_period(work, node, err);
}

/* The counts, then of each measure the contributors where the counts are published, then its amounts where these are. */
static int decide_layers(struct work *work, size_t dimension, uint32_t node, struct err *err)
{
    size_t *counts = mem_zalloc(work->table_count, sizeof *counts);
    for (size_t t = 0; t < work->table_count; t++)
        counts[t] = work->tables[t].count;
    int code = decide_layer(work, dimension, node, (struct layer) { NO_MEASURE, false }, err);
    for (size_t m = 0; m < work->cube->plan->measure_count && !code; m++) {
        code = decide_layer(work, dimension, node, (struct layer) { m, false }, err);
        if (!code && has_amounts(work, m))
            code = decide_layer(work, dimension, node, (struct layer) { m, true }, err);
    }
    for (size_t t = 0; t < work->table_count; t++)
        work->tables[t].count = counts[t];
    free(counts);
    return code;
}

static int decide_periods(struct work *work, size_t dimension, struct err *err)
{
    int code = gather_tables(work, dimension, err);
    if (code || !work->table_count)
        return code;
    if (work->table_count == 1 && !work->cube->plan->tables[work->table_of[0]].margins) {
        decide_flat(work);
        return 0;
    }
    bool *periods = find_periods(work, dimension);
    for (uint32_t node = 0; node < work->cube->plan->dimensions[dimension].count && !code; node++)
        if (periods[node])
            code = decide_layers(work, dimension, node, err);
    free(periods);
    return code;
}

/* ---- months and their quarter at once ---- */

/* The shortest of the tables' periods, where tables that readers know come with later ones by other periods; else NO_AXIS. */
static size_t find_axis(const struct work *work)
{
    const struct cube_plan *plan = work->cube->plan;
    size_t axis = NO_AXIS;
    bool mixed = false, later = false;
    for (size_t t = 0; t < plan->table_count; t++) {
        mixed |= plan->tables[t].dimensions[0] != plan->tables[0].dimensions[0];
        later |= work->patterns[t].earlier != NULL;
        if (work->specs[t]->dimensions[0].kind != PERIOD_QUARTER)
            axis = plan->tables[t].dimensions[0];
    }
    return mixed && later ? axis : NO_AXIS;
}

static int decide_span(struct work *work, struct err *err)
{
    work->axes = mem_zalloc(work->cube->plan->table_count, sizeof *work->axes);
    int code = gather_all(work, err);
    if (!code)
        code = decide_layers(work, PERIOD_ANY, 0, err);
    free(work->axes);
    return code;
}

int protection_decide(const struct cube *cube, const struct row_source *rows, const struct table_spec *const *specs,
                      const struct case_measure *measures, const struct protection_pattern *patterns,
                      struct protection_counts *counts, struct err *err)
{
    size_t tables = cube->plan->table_count, dimensions = cube->plan->dimension_count;
    struct work work = { .cube = cube, .rows = rows, .specs = specs, .measures = measures, .patterns = patterns, .counts = counts, .period = { .dimensions = dimensions } };
    work.codes = mem_zalloc(dimensions, sizeof *work.codes);
    work.tables = mem_zalloc(tables, sizeof *work.tables);
    work.table_of = mem_zalloc(tables, sizeof *work.table_of);
    work.axis = find_axis(&work);
    int code = work.axis == NO_AXIS ? 0 : decide_span(&work, err);
    for (size_t d = 0; d < dimensions && !code && work.axis == NO_AXIS; d++)
        code = decide_periods(&work, d, err);
    free(work.codes);
    free(work.tables);
    free(work.table_of);
    period_rows_release(&work.period);
    return code;
}
