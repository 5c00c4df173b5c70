#include "stats/pass.h"

#include <stdlib.h>

#include "core/mem.h"
#include "stats/quantile.h"

struct unit {
    size_t s;
    uint32_t period;
    size_t first_cell, end_cell;
};

struct fill {
    struct cube *cube;
    const struct collection *collection;
    const struct pass *passes;
    size_t pass_count;
    struct unit *units;
    size_t count, capacity;
};

#define NOT_INNER UINT32_MAX

/* One unit. Its cells are numbered from first_cell on. The cells that are at one pattern of levels are done together:
 * every inner cell is part of exactly one of them, and its ancestors come in a fixed order of patterns. */
struct work {
    const struct fill *fill;
    const struct unit *unit;
    struct cube_table *table;
    size_t m, slot;
    uint32_t *inner; /* per cell: its row in `ancestors`, or NOT_INNER */
    size_t inner_count;
    uint32_t *ancestors; /* per inner cell with values: one cell for each pattern */
    uint32_t from, to;   /* cells that are done together: as many as an eighth of the budget holds values of, but one at least */
    int64_t *values;     /* of those of them that are at the pattern, a slice each */
    struct slice_of {
        uint32_t group; /* the last group that had values in the cell */
        uint32_t count;
        size_t first;
        uint64_t n; /* of that group in the cell */
        int64_t sum;
    } * cells;
    uint32_t *touched; /* cells of the current group */
    size_t touched_count;
    uint32_t group;
    size_t used;
};

static const struct cell *cell_of(const struct work *work, uint32_t cell)
{
    return cellmap_at(&work->table->cells, work->unit->first_cell + cell);
}

/* Calls the function for every record of the unit. */
static void each_record(struct work *work, size_t pattern,
                        void (*visit)(struct work *work, size_t pattern, const struct record *record))
{
    const struct fill *fill = work->fill;
    size_t t = fill->collection->list[work->unit->s].table;
    for (size_t p = 0; p < fill->pass_count; p++) {
        const struct collector *collector = &fill->passes[p].collector;
        const uint32_t *remap = collector->remap[t];
        const struct record_chunk *chunk = collector->units[work->unit->s][work->unit->period].chunks;
        for (; chunk; chunk = chunk->next) {
            struct record record;
            for (size_t at = 0; record_next(chunk, &at, &record);) {
                record.cell = (remap ? remap[record.cell] : record.cell) - (uint32_t)work->unit->first_cell;
                visit(work, pattern, &record);
            }
        }
    }
}

static void mark_inner(struct work *work, size_t pattern, const struct record *record)
{
    (void)pattern;
    work->inner[record->cell] = 0;
}

static void find_ancestors(struct work *work)
{
    const struct layout *layout = &work->table->layout;
    size_t width = layout->ancestors, cells = work->unit->end_cell - work->unit->first_cell;
    cell_key *keys = mem_alloc(width * sizeof *keys);
    for (size_t c = 0; c < cells; c++)
        if (work->inner[c] != NOT_INNER)
            work->inner[c] = (uint32_t)work->inner_count++;
    work->ancestors = mem_alloc(work->inner_count * width * sizeof *work->ancestors);
    for (uint32_t c = 0; c < cells; c++) {
        if (work->inner[c] == NOT_INNER)
            continue;
        BUG_ON(layout_ancestors(layout, cell_of(work, c)->key, keys) != width);
        for (size_t a = 0; a < width; a++)
            work->ancestors[work->inner[c] * width + a] =
                cellmap_find(&work->table->cells, keys[a]) - (uint32_t)work->unit->first_cell;
    }
    free(keys);
}

/* A cell's slice of the values is as long as it has contributors. */
static void end_group(struct work *work)
{
    for (size_t i = 0; i < work->touched_count; i++) {
        struct slice_of *cell = &work->cells[work->touched[i]];
        uint64_t persons = cell_of(work, work->touched[i])->sums[work->m].persons;
        if (!cell->count) {
            cell->first = work->used;
            work->used += persons;
        }
        BUG_ON(cell->count == persons);
        work->values[cell->first + cell->count++] = quantile_person_value(cell->sum, cell->n);
    }
    work->touched_count = 0;
    work->group++;
}

static void add_value(struct work *work, uint32_t at, const struct record *record)
{
    struct slice_of *cell = &work->cells[at];
    if (cell->group != work->group) {
        work->touched[work->touched_count++] = at;
        cell->group = work->group;
        cell->n = 0;
        cell->sum = 0;
    }
    cell->n += record->n;
    cell->sum += record->sum;
}

static void add_record(struct work *work, size_t pattern, const struct record *record)
{
    uint32_t at = work->ancestors[work->inner[record->cell] * work->table->layout.ancestors + pattern];
    if (at >= work->from && at < work->to)
        add_value(work, at, record);
    if (!record->goes_on)
        end_group(work);
}

static void compute(const struct work *work, uint32_t c)
{
    const struct cube_table_measure *measure = &work->table->plan->measures[work->m];
    const struct slice_of *cell = &work->cells[c];
    uint64_t k = work->fill->cube->plan->k;
    BUG_ON(cell->count != cell_of(work, c)->sums[work->m].persons);
    if (cell->count < k)
        return;
    int64_t *out = work->table->quantiles + (work->unit->first_cell + c) * work->table->quantile_count + work->slot;
    for (size_t i = 0; i < measure->percent_count; i++)
        out[i] = quantile_of(work->values + cell->first, cell->count, (size_t)k, measure->percents[i], measure->base);
}

static void compute_cells(struct work *work, size_t pattern, size_t values)
{
    work->values = mem_alloc(values * sizeof *work->values);
    work->used = 0;
    work->group = 1;
    each_record(work, pattern, add_record);
    for (uint32_t c = work->from; c < work->to; c++)
        if (work->cells[c].count)
            compute(work, c);
    free(work->values);
}

/* `is_there`: per cell, whether it is at the pattern. */
static void compute_slices(struct work *work, size_t pattern, const bool *is_there)
{
    size_t budget = work->fill->collection->budget / 8 / sizeof *work->values;
    uint32_t cells = (uint32_t)(work->unit->end_cell - work->unit->first_cell);
    for (work->from = work->to = 0; work->from < cells; work->from = work->to) {
        uint64_t values = 0;
        for (; work->to < cells; work->to++) {
            uint64_t more = is_there[work->to] ? cell_of(work, work->to)->sums[work->m].persons : 0;
            if (values && values + more > budget)
                break;
            values += more;
        }
        if (values)
            compute_cells(work, pattern, values);
    }
}

static void compute_pattern(struct work *work, size_t pattern)
{
    size_t cells = work->unit->end_cell - work->unit->first_cell, width = work->table->layout.ancestors;
    bool *is_there = mem_zalloc(cells, sizeof *is_there);
    for (size_t i = 0; i < work->inner_count; i++)
        is_there[work->ancestors[i * width + pattern]] = true;
    for (size_t c = 0; c < cells; c++)
        work->cells[c] = (struct slice_of){ 0 };
    compute_slices(work, pattern, is_there);
    free(is_there);
}

static void start_work(struct work *work)
{
    size_t cells = work->unit->end_cell - work->unit->first_cell;
    work->inner = mem_alloc(cells * sizeof *work->inner);
    work->touched = mem_alloc(cells * sizeof *work->touched);
    work->cells = mem_alloc(cells * sizeof *work->cells);
    for (size_t c = 0; c < cells; c++)
        work->inner[c] = NOT_INNER;
    for (size_t m = 0; m < work->m; m++)
        work->slot += work->table->plan->measures[m].percent_count;
    each_record(work, 0, mark_inner);
    find_ancestors(work);
}

static int fill_unit(void *context, size_t thread, size_t i, struct err *err)
{
    (void)thread;
    (void)err;
    const struct fill *fill = context;
    const struct series *series = &fill->collection->list[fill->units[i].s];
    struct work work = {
        .fill = fill,
        .unit = &fill->units[i],
        .table = &fill->cube->tables[series->table],
        .m = series->m,
    };
    start_work(&work);
    for (size_t pattern = 0; work.inner_count && pattern < work.table->layout.ancestors; pattern++)
        compute_pattern(&work, pattern);
    free(work.inner);
    free(work.touched);
    free(work.cells);
    free(work.ancestors);
    return 0;
}

/* Cells are sorted, so those of a period lie together. */
static void add_units(struct fill *fill, size_t s)
{
    const struct series *series = &fill->collection->list[s];
    const struct cube_table *table = &fill->cube->tables[series->table];
    for (size_t c = 0, end; c < table->cells.count; c = end) {
        uint32_t period = layout_node(&table->layout, cellmap_at(&table->cells, c)->key, 0);
        for (end = c + 1; end < table->cells.count; end++)
            if (layout_node(&table->layout, cellmap_at(&table->cells, end)->key, 0) != period)
                break;
        if (period < series->from || period >= series->to)
            continue;
        MEM_GROW(fill->units, fill->count, fill->capacity);
        fill->units[fill->count++] = (struct unit){ s, period, c, end };
    }
}

void cube_quantiles_fill(struct cube *cube, const struct collection *collection, const struct pass *passes,
                         size_t count)
{
    struct fill fill = { .cube = cube, .collection = collection, .passes = passes, .pass_count = count };
    for (size_t s = 0; s < collection->count; s++)
        add_units(&fill, s);
    if (parallel_run(cube->plan->threads, fill.count, fill_unit, &fill, NULL))
        BUG("computing quantiles failed");
    free(fill.units);
}
