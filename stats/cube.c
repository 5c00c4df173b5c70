#include "stats/cube.h"

#include <stdlib.h>

#include "core/mem.h"
#include "stats/pass.h"

static int init_table(struct cube_table *table, const struct cube_plan *plan, const struct cube_table_plan *spec,
                      struct err *err)
{
    const struct dimension *dimensions[LAYOUT_MAX_DIMENSIONS];
    BUG_ON(spec->dimension_count == 0 || spec->dimension_count > LAYOUT_MAX_DIMENSIONS);
    for (size_t d = 0; d < spec->dimension_count; d++)
        dimensions[d] = &plan->dimensions[spec->dimensions[d]];
    table->plan = spec;
    cellmap_init(&table->cells, spec->measure_count);
    for (size_t m = 0; m < spec->measure_count; m++)
        table->quantile_count += spec->measures[m].percent_count;
    if (!layout_init(&table->layout, dimensions, spec->dimension_count, spec->margins))
        return err_set(err, ERR_DATA, "a table has too many dimensions, levels or values to be counted");
    return 0;
}

static int init_tables(struct cube *cube, struct err *err)
{
    int failed = 0;
    cube->tables = mem_zalloc(cube->plan->table_count, sizeof *cube->tables);
    for (size_t t = 0; t < cube->plan->table_count && !failed; t++)
        failed = init_table(&cube->tables[t], cube->plan, &cube->plan->tables[t], err);
    return failed;
}

static void sum_bytes(struct collection *collection, const struct pass *passes, size_t count)
{
    for (size_t s = 0; s < collection->count; s++)
        for (size_t p = 0; p < count; p++)
            for (uint32_t i = 0; i < collection->list[s].periods; i++)
                collection->list[s].bytes[i] += passes[p].collector.units[s][i].bytes;
}

static int run_pass(struct cube *cube, const struct row_source *rows, const struct scan_range *ranges,
                    struct pass *passes, struct err *err)
{
    void *states[PARALLEL_MAX_THREADS];
    size_t threads = parallel_threads(cube->plan->threads);
    for (size_t i = 0; i < threads; i++)
        states[i] = &passes[i];
    struct scan scan = { .cube = cube, .rows = rows, .ranges = ranges, .visit = pass_visit, .states = states };
    int failed = scan_run(&scan, threads, err);
    for (size_t i = 0; i < threads && !failed; i++)
        failed = pass_flush(&passes[i], err);
    return failed;
}

/* Counts all cells; collects all values for quantiles if they fit the budget. */
static int first_pass(struct cube *cube, const struct row_source *rows, struct collection *collection, struct err *err)
{
    struct pass passes[PARALLEL_MAX_THREADS];
    size_t threads = parallel_threads(cube->plan->threads);
    for (size_t i = 0; i < threads; i++)
        pass_init(&passes[i], cube, collection, true);
    int failed = run_pass(cube, rows, NULL, passes, err);
    for (size_t t = 0; t < cube->plan->table_count && !failed; t++)
        failed = pass_merge(passes, threads, &cube->tables[t], t, err);
    for (size_t t = 0; t < cube->plan->table_count; t++)
        cube->tables[t].quantiles =
            mem_zalloc(cube->tables[t].cells.count * cube->tables[t].quantile_count, sizeof(int64_t));
    if (!failed && atomic_load(&collection->overflown))
        sum_bytes(collection, passes, threads);
    else if (!failed)
        cube_quantiles_fill(cube, collection, passes, threads);
    for (size_t i = 0; i < threads; i++)
        pass_release(&passes[i]);
    mem_trim();
    return failed;
}

static int later_pass(struct cube *cube, const struct row_source *rows, struct collection *collection, struct err *err)
{
    struct pass passes[PARALLEL_MAX_THREADS];
    size_t threads = parallel_threads(cube->plan->threads);
    for (size_t i = 0; i < threads; i++)
        pass_init(&passes[i], cube, collection, false);
    int failed = run_pass(cube, rows, collection->ranges, passes, err);
    if (!failed)
        cube_quantiles_fill(cube, collection, passes, threads);
    for (size_t i = 0; i < threads; i++)
        pass_release(&passes[i]);
    mem_trim();
    return failed;
}

static int run_passes(struct cube *cube, const struct row_source *rows, struct collection *collection, struct err *err)
{
    int failed = first_pass(cube, rows, collection, err);
    if (failed || !atomic_load(&collection->overflown))
        return failed;
    atomic_store(&collection->overflown, false);
    collection->planned = true;
    size_t series = 0;
    uint32_t period = 0;
    while (!failed && collection_select(collection, &series, &period))
        failed = later_pass(cube, rows, collection, err);
    return failed;
}

int cube_build(struct cube **out, const struct cube_plan *plan, const struct row_source *rows, struct err *err)
{
    struct cube *cube = mem_zalloc(1, sizeof *cube);
    struct collection collection = { 0 };
    cube->plan = plan;
    int failed = init_tables(cube, err);
    if (!failed) {
        collection_init(&collection, cube);
        failed = run_passes(cube, rows, &collection, err);
        collection_release(&collection);
    }
    if (failed) {
        cube_free(cube);
        return failed;
    }
    *out = cube;
    return 0;
}

void cube_free(struct cube *cube)
{
    if (!cube)
        return;
    for (size_t t = 0; t < cube->plan->table_count; t++) {
        cellmap_release(&cube->tables[t].cells);
        free(cube->tables[t].quantiles);
    }
    free(cube->tables);
    free(cube);
}

int64_t cube_quantile(const struct cube_table *table, size_t cell, size_t m, size_t i)
{
    size_t slot = i;
    for (size_t before = 0; before < m; before++)
        slot += table->plan->measures[before].percent_count;
    return table->quantiles[cell * table->quantile_count + slot];
}
