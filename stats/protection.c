#include "stats/protection.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "stats/protection_work.h"

enum { DOMINANCE_PERSONS = 1, DOMINANCE_PERCENT = 80, P_PERCENT = 10 };

/* Simplex iterations for one period and layer, and cells of one period: more are not protected in a night. */
#define BUDGET UINT64_C(4000000)
enum { CELLS_MAX = 10000 };

struct protect_options protection_options(const struct work *work)
{
    if (work->layer.part != LAYER_VALUE && work->layer.part != LAYER_SQUARE)
        return (struct protect_options) { .k = (int64_t)work->cube->plan->k,
                                          .audit = PROTECT_AUDIT_X0,
                                          .budget = BUDGET,
                                          .amounts = true,
                                          .least_amount = (int64_t)work->cube->plan->k,
                                          .disabled = PROTECT_FREQUENCY | PROTECT_ATTRIBUTE };
    return (struct protect_options) {
        .k = (int64_t)work->cube->plan->k,
        .zeros = PROTECT_ZEROS_WITHHELD,
        .audit = (work->layer.measure != NO_MEASURE && !work->layer.amounts) || (work->period.negative && work->layer.part == LAYER_VALUE)
            ? PROTECT_AUDIT_OFF
            : PROTECT_AUDIT_X0, /* without a lower bound intervals have no ends; squares have one */
        .amounts = work->layer.amounts,
        .budget = BUDGET,
        .dominance_persons = DOMINANCE_PERSONS,
        .dominance_percent = DOMINANCE_PERCENT,
        .p_percent = P_PERCENT,
    };
}

/* What readers know already has all its dimensions: they do. */
static bool can_coarsen(const struct work *work, size_t t)
{
    for (size_t f = 0; f < work->face_count; f++)
        if (work->faces[f].cross == t && work->patterns[work->faces[f].table].earlier)
            return false;
    return work->tables[t].count > 1;
}

/* Amounts are asked for where there are contributors, so their tables are as these. */
static uint64_t coarsenable(const struct work *work)
{
    uint64_t tables = 0;
    for (size_t t = 0; t < work->table_count && !work->layer.amounts; t++)
        tables |= (uint64_t)can_coarsen(work, t) << t;
    return tables;
}

/* The least k that any of the known tables was published with; 0: there is none. */
static uint64_t earlier_k(const struct work *work)
{
    uint64_t least = 0;
    for (size_t f = 0; f < work->face_count; f++) {
        const struct protection_pattern *pattern = &work->patterns[work->faces[f].table];
        if (pattern->earlier && (!least || pattern->earlier_k < least))
            least = pattern->earlier_k;
    }
    return least;
}

/* Members that are lost at today's k, which was raised since, are safe at the k of their time: of what is left only that is published which
 * keeps them so. */
static int protect_lost(const struct work *work, struct protect_problem *problem, struct protect_result *result, struct err *err)
{
    struct protect_options options = protection_options(work);
    uint64_t k = earlier_k(work);
    if (!result->report.members_lost || !k || k >= work->cube->plan->k)
        return 0;
    for (size_t c = 0; c < problem->cell_count; c++)
        if (result->withheld[c] && (problem->cells[c].state == PROTECT_CANDIDATE || problem->cells[c].state == PROTECT_FORCED))
            problem->cells[c].state = PROTECT_UNAVAILABLE;
    protect_result_release(result);
    options.k = (int64_t)k;
    return protect_run(problem, &options, result, err);
}

/* Empty combinations are known where tables share two dimensions, but may not have been when what is known was published: then a member that
 * seems lost may be safe as long as nothing is added to it. So nothing is. */
static void withhold_doubtful(const struct work *work, const struct protect_problem *problem, struct protect_result *result)
{
    if (!result->report.members_lost || !protection_shares_two(work))
        return;
    for (size_t c = 0; c < problem->cell_count; c++)
        if (problem->cells[c].state != PROTECT_PUBLISHED)
            result->withheld[c] |= PROTECT_DROPPED;
}

static int protect_problem(const struct work *work, uint32_t period, struct protect_problem *problem, uint64_t *dropped, struct err *err)
{
    struct protect_options options = protection_options(work);
    struct protect_result result;
    const int64_t start_ns = clock_monotonic_ns();
    int code = protect_run(problem, &options, &result, err);
    if (code)
        return code;
    *dropped = result.report.dropped_tables;
    bool again = *dropped && coarsenable(work);
    if (!again) {
        protection_note(work, period, problem, &result);
        code = protect_lost(work, problem, &result, err);
    }
    if (!again && !code) {
        withhold_doubtful(work, problem, &result);
        protection_take(work, period, problem, &result);
        protection_tell(work, period, problem, &result, (clock_monotonic_ns() - start_ns) / 1000000);
    }
    if (!code)
        protect_result_release(&result);
    return code;
}

/* Takes the last dimension from these tables for this period, and again while the tables' shared dimensions form a cycle. */
static void coarsen(struct work *work, uint32_t period, uint64_t tables)
{
    do {
        for (size_t t = 0; t < work->table_count; t++)
            if (tables >> t & 1 && can_coarsen(work, t)) {
                work->tables[t].count--;
                work->counts->coarsened++;
                protection_tell_coarsened(work, period, t);
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

/* Builds the problem; again without the tables that are to be protected only where there are too many cells with them. */
static int build(struct work *work, uint32_t period, struct protect_problem *problem, struct err *err)
{
    struct err failure = { 0 };
    problem_init(problem);
    int code = protection_build(work, period, problem, &failure);
    bool too_large = code == ERR_DATA || (!code && problem->cell_count > CELLS_MAX);
    if (too_large && protection_leave_out(work, period)) {
        release_maps(work);
        problem_release(problem);
        code = protection_gather(work, work->cube->plan->tables[work->faces[0].table].dimensions[0], err);
        return code ? code : build(work, period, problem, err);
    }
    if (code)
        *err = failure;
    return code;
}

/* Protects what is left of the tables; *unsafe: those that are too large, or were not proved safe within the budget and are withheld. */
static int try_period(struct work *work, uint32_t period, uint64_t *unsafe, struct err *err)
{
    struct protect_problem problem;
    *unsafe = 0;
    int code = build(work, period, &problem, err);
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
        coarsen(work, period, able ? able : coarsenable(work));
        code = try_period(work, period, &unsafe, err);
    }
    for (size_t d = 0; d < work->period.dimensions; d++)
        codes_release(&work->codes[d]);
    return code;
}

/* The periods with cells in any table, ascending: marks per node. */
static bool *find_periods(const struct work *work, size_t dimension)
{
    bool *found = mem_zalloc(work->cube->plan->dimensions[dimension].count, sizeof *found);
    for (size_t f = 0; f < work->face_count; f++) {
        const struct cube_table *table = &work->cube->tables[work->faces[f].table];
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

/* The same of what values add up to; below zero nothing is as it seems, and the rest may well be. */
static bool is_sum_dominated(const struct cell_sum *sum)
{
    cell_wide top = sum->top1, rest = (cell_wide)sum->sum - top - (cell_wide)sum->top2;
    return top * 100 > (cell_wide)sum->sum * DOMINANCE_PERCENT || rest * 100 < top * P_PERCENT;
}

static bool is_measure_safe(const struct work *work, size_t t, const struct cell *cell, size_t m)
{
    const unsigned sums = 1u << TABLE_SUM | 1u << TABLE_MEAN | 1u << TABLE_SD;
    const struct case_measure *measure = &work->measures[work->cube->tables[t].plan->measures[m].measure];
    const struct table_measure *spec = &work->specs[t]->measures[m];
    if (!measure->is_bounded && spec->figures & sums && is_sum_dominated(&cell->sums[m]))
        return false;
    return !protection_implies_category(measure, spec, &cell->sums[m], work->cube->plan->k);
}

/* Fewer than k persons may have no value, as far as can be said without counting again: cases less contributors would tell of them. */
static bool tells_of_few_without(const struct cell *cell, const struct cell_sum *sum, uint64_t k)
{
    return cell->cases > sum->n && cell->persons - sum->persons < k;
}

/* Is one table without margins all that is asked for? */
static bool is_flat(const struct work *work)
{
    bool flat = !work->cube->plan->tables[work->faces[0].table].margins;
    for (size_t f = 1; f < work->face_count; f++)
        flat = flat && work->patterns[work->faces[f].table].protect_only;
    return flat;
}

/* Nothing adds up to anything in a table of inner cells alone, so each cell is judged by itself; the threshold sees to k. */
static void decide_flat(const struct work *work)
{
    size_t t = work->faces[0].table;
    const struct cube_table *table = &work->cube->tables[t];
    const struct protection_pattern *pattern = &work->patterns[t];
    for (size_t c = 0; c < table->cells.count; c++) {
        const struct cell *cell = cellmap_at(&table->cells, c);
        bool waived = pattern->waived && pattern->waived[c];
        pattern->cells[c] = (waived || !is_dominated(cell)) && !protection_is_over_waves(work, t, (uint32_t)c);
        for (size_t m = 0; m < table->plan->measure_count; m++)
            pattern->measures[c * table->plan->measure_count + m]
                = pattern->cells[c] && !tells_of_few_without(cell, &cell->sums[m], work->cube->plan->k) && (waived || is_measure_safe(work, t, cell, m));
        work->counts->cells++;
        work->counts->primary += !pattern->cells[c] || cell->persons < work->cube->plan->k;
    }
}

/* The longer periods are one each: all rows lie in them. */
static int check_span(const struct work *work, struct err *err)
{
    const struct period_rows *period = &work->period;
    for (size_t t = 0; t < work->cube->plan->table_count; t++) {
        size_t dimension = work->cube->plan->tables[t].dimensions[0];
        for (size_t r = 1; r < period->count && dimension != work->axis; r++)
            if (period->nodes[r * period->dimensions + dimension] != period->nodes[dimension])
                return err_set(err, ERR_CONFIG, "tables '%s' and '%s' have periods that cut each other", work->specs[0]->name, work->specs[t]->name);
    }
    return 0;
}

/* Is there a table with any of the figures of the measure? */
static bool has_figures(const struct work *work, size_t measure, unsigned figures)
{
    for (size_t f = 0; f < work->face_count; f++) {
        const struct cube_table_plan *plan = &work->cube->plan->tables[work->faces[f].table];
        for (size_t m = 0; m < plan->measure_count; m++)
            if (plan->measures[m].measure == measure && work->specs[work->faces[f].table]->measures[m].figures & figures)
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

/* Which figures of a measure the layer is for, of those that are decided by themselves. */
static unsigned figures_of(const struct layer *layer, bool is_bounded)
{
    if (layer->part == LAYER_SQUARE)
        return is_bounded ? 0 : 1u << TABLE_SD;
    if (layer->part == LAYER_INSIDE || layer->part == LAYER_OUTSIDE)
        return 1u << TABLE_SHARE;
    return is_bounded ? 1u << TABLE_SUM | 1u << TABLE_MEAN | 1u << TABLE_SD : 0;
}

/* Scores are within their range, so that one of them is never most of a sum: what counts is how far they are from its ends. Of amounts, whose sums
 * are decided by now, the squares behind a standard deviation. */
static int decide_scores(struct work *work, size_t dimension, uint32_t node, size_t m, struct err *err)
{
    const struct case_measure *measure = &work->measures[m];
    const struct cube_measure *plan = &work->cube->plan->measures[m];
    const struct layer layers[] = {
        { m, true, LAYER_SQUARE, 0, 0 },
        { m, true, LAYER_ABOVE_LOWEST, measure->lowest, measure->highest },
        { m, true, LAYER_BELOW_HIGHEST, measure->lowest, measure->highest },
        { m, true, LAYER_INSIDE, plan->share_lowest, plan->share_highest },
        { m, true, LAYER_OUTSIDE, plan->share_lowest, plan->share_highest },
    };
    int code = 0;
    for (size_t i = 0; i < sizeof layers / sizeof *layers && !code; i++)
        if (has_figures(work, m, figures_of(&layers[i], measure->is_bounded)))
            code = decide_layer(work, dimension, node, layers[i], err);
    return code;
}

/* The contributors of each measure where the counts are published, and the sums of scores where these are; then all of them together, and
 * sums of amounts. Each has the dimensions that the counts have. */
static int decide_measures(struct work *work, size_t dimension, uint32_t node, struct err *err)
{
    const size_t tables = work->table_count;
    size_t *counts = mem_zalloc(tables, sizeof *counts);
    int code = 0;
    for (size_t t = 0; t < tables; t++)
        counts[t] = work->tables[t].count;
    for (size_t m = 0; m < work->cube->plan->measure_count && !code; m++) {
        code = decide_layer(work, dimension, node, (struct layer) { .measure = m }, err);
        if (!code)
            code = decide_scores(work, dimension, node, m, err);
        for (size_t t = 0; t < tables && work->table_count == tables; t++)
            work->tables[t].count = counts[t];
    }
    free(counts);
    return code ? code : protection_join(work, dimension, node, err);
}

static int decide_layers(struct work *work, size_t dimension, uint32_t node, struct err *err)
{
    work->asked_only = false;
    int code = protection_gather(work, dimension, err);
    if (!code)
        code = decide_layer(work, dimension, node, (struct layer) { .measure = NO_MEASURE }, err);
    return code ? code : decide_measures(work, dimension, node, err);
}

static int decide_periods(struct work *work, size_t dimension, struct err *err)
{
    int code = protection_gather(work, dimension, err);
    if (code || !work->table_count)
        return code;
    if (is_flat(work)) {
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
    int code = protection_gather(work, 0, err);
    return code ? code : decide_layers(work, PERIOD_ANY, 0, err);
}

int protection_decide(const struct cube *cube, const struct row_source *rows, const struct table_spec *const *specs,
                      const struct case_measure *measures, const struct protection_pattern *patterns,
                      struct protection_counts *counts, struct err *err)
{
    size_t tables = cube->plan->table_count, dimensions = cube->plan->dimension_count;
    struct work work = { .cube = cube, .rows = rows, .specs = specs, .measures = measures, .patterns = patterns, .counts = counts, .period = { .dimensions = dimensions } };
    work.codes = mem_zalloc(dimensions, sizeof *work.codes);
    work.tables = mem_zalloc(tables, sizeof *work.tables);
    work.faces = mem_zalloc(tables, sizeof *work.faces);
    work.axis = find_axis(&work);
    protection_find_impossible(&work);
    int code = protection_check_impossible(&work, err);
    if (!code)
        code = protection_find_waves(&work, err);
    if (!code && work.axis != NO_AXIS)
        code = decide_span(&work, err);
    for (size_t d = 0; d < dimensions && !code && work.axis == NO_AXIS; d++)
        code = decide_periods(&work, d, err);
    protection_release_impossible(&work);
    protection_release_waves(&work);
    free(work.codes);
    free(work.tables);
    free(work.faces);
    period_rows_release(&work.period);
    return code;
}
