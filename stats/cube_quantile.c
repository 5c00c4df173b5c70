#include "stats/pass.h"

#include <stdlib.h>

#include "core/mem.h"
#include "stats/quantile.h"

static uint32_t period_count(const struct cube *cube, const struct series *series)
{
    return cube->tables[series->table].layout.dimension[0]->count;
}

/* Extends the series' selection from *period on while it fits; returns whether the series is done. */
static bool select_periods(struct series *series, uint32_t periods, uint32_t *period, uint64_t *left, bool *any)
{
    series->from = series->to = *period;
    while (series->to < periods && (series->counts[series->to] <= *left || !*any)) {
        uint64_t count = series->counts[series->to++];
        *left -= count < *left ? count : *left;
        *any |= count > 0;
    }
    *period = series->to;
    return series->to == periods;
}

bool collection_select(struct collection *collection, const struct cube *cube, size_t *series, uint32_t *period)
{
    uint64_t left = collection->budget;
    bool any = false;
    for (size_t s = 0; s < collection->count; s++)
        collection->list[s].from = collection->list[s].to = 0;
    while (*series < collection->count) {
        struct series *current = &collection->list[*series];
        if (!select_periods(current, period_count(cube, current), period, &left, &any))
            break;
        ++*series;
        *period = 0;
    }
    return any;
}

/* The values of a series, ordered by the cell that they belong to: those of cell c are at first[c] .. first[c
 * + 1]. */
struct by_cell {
    size_t *first;
    int64_t *values;
};

static void order_records(struct by_cell *ordered, struct pass *passes, size_t count, size_t s, bool single,
                          size_t cells)
{
    size_t *first = mem_zalloc(cells + 2, sizeof *first);
    for (size_t p = 0; p < count; p++) {
        struct collector_series *series = &passes[p].collector.series[s];
        records_count(single ? &series->single : &series->several, first + 2);
    }
    for (size_t c = 2; c < cells + 2; c++)
        first[c] += first[c - 1];
    ordered->values = mem_alloc(first[cells + 1] * sizeof *ordered->values);
    for (size_t p = 0; p < count; p++) {
        struct collector_series *series = &passes[p].collector.series[s];
        records_move(single ? &series->single : &series->several, first + 1, ordered->values);
    }
    ordered->first = first;
}

static void release_ordered(struct by_cell *ordered)
{
    free(ordered->first);
    free(ordered->values);
}

static size_t values_of(const struct by_cell *ordered, size_t cell)
{
    return ordered->first[cell + 1] - ordered->first[cell];
}

struct fill {
    struct cube *cube;
    const struct collection *collection;
    struct by_cell *single, *several; /* per series */
    struct unit {
        size_t s, first_cell, end_cell;
    } * units;
    size_t count, capacity;
};

/* Work on one unit. Rollup level by level pattern: ancestors of inner cells come in a fixed order of
 * patterns. */
struct work {
    const struct fill *fill;
    const struct unit *unit;
    struct cube_table *table;
    size_t m, slot;
    uint32_t *inner; /* cells with values of their own */
    size_t inner_count;
    uint32_t *ancestors; /* inner_count × layout.ancestors: indices of cells */
    size_t *next;        /* per cell of the unit, from first_cell on: end of its values in the buffer */
    bool *done;
    int64_t *buffer;
};

static void compute(struct work *work, size_t cell, int64_t *values, size_t count)
{
    const struct cube_table_measure *measure = &work->table->plan->measures[work->m];
    uint64_t k = work->fill->cube->plan->k;
    work->done[cell - work->unit->first_cell] = true;
    BUG_ON(count != cellmap_at(&work->table->cells, cell)->sums[work->m].persons);
    if (count < k)
        return;
    int64_t *out = work->table->quantiles + cell * work->table->quantile_count + work->slot;
    for (size_t i = 0; i < measure->percent_count; i++)
        out[i] = quantile_of(values, count, (size_t)k, measure->percents[i], measure->base);
}

static void append(int64_t *buffer, size_t *next, const struct by_cell *ordered, size_t cell)
{
    for (size_t i = ordered->first[cell]; i < ordered->first[cell + 1]; i++)
        buffer[(*next)++] = ordered->values[i];
}

/* All cells that lie at one pattern of levels: every inner cell is part of exactly one of them. */
static void compute_pattern(struct work *work, size_t pattern)
{
    const struct by_cell *single = &work->fill->single[work->unit->s], *several = &work->fill->several[work->unit->s];
    size_t width = work->table->layout.ancestors, first_cell = work->unit->first_cell;
    size_t cells = work->unit->end_cell - first_cell;
    size_t *sizes = mem_zalloc(cells, sizeof *sizes);
    for (size_t i = 0; i < work->inner_count; i++)
        sizes[work->ancestors[i * width + pattern] - first_cell] += values_of(single, work->inner[i]);
    size_t used = 0;
    for (size_t c = 0; c < cells; c++) {
        work->next[c] = used;
        used += sizes[c] ? sizes[c] + values_of(several, first_cell + c) : 0;
    }
    for (size_t i = 0; i < work->inner_count; i++)
        append(work->buffer, &work->next[work->ancestors[i * width + pattern] - first_cell], single, work->inner[i]);
    for (size_t c = 0; c < cells; c++) {
        if (!sizes[c])
            continue;
        int64_t *values = work->buffer + work->next[c] - sizes[c];
        append(work->buffer, &work->next[c], several, first_cell + c);
        compute(work, first_cell + c, values, sizes[c] + values_of(several, first_cell + c));
    }
    free(sizes);
}

/* Cells in which only persons with several inner cells have values. */
static void compute_rest(struct work *work)
{
    const struct by_cell *several = &work->fill->several[work->unit->s];
    for (size_t c = work->unit->first_cell; c < work->unit->end_cell; c++)
        if (!work->done[c - work->unit->first_cell] && values_of(several, c))
            compute(work, c, several->values + several->first[c], values_of(several, c));
}

static void find_ancestors(struct work *work)
{
    const struct by_cell *single = &work->fill->single[work->unit->s];
    const struct layout *layout = &work->table->layout;
    cell_key *keys = mem_alloc(layout->ancestors * sizeof *keys);
    for (size_t c = work->unit->first_cell; c < work->unit->end_cell; c++)
        if (values_of(single, c))
            work->inner[work->inner_count++] = (uint32_t)c;
    work->ancestors = mem_alloc(work->inner_count * layout->ancestors * sizeof *work->ancestors);
    for (size_t i = 0; i < work->inner_count; i++) {
        size_t count = layout_ancestors(layout, cellmap_at(&work->table->cells, work->inner[i])->key, keys);
        BUG_ON(count != layout->ancestors);
        for (size_t a = 0; a < count; a++)
            work->ancestors[i * count + a] = cellmap_find(&work->table->cells, keys[a]);
    }
    free(keys);
}

static int fill_unit(void *context, size_t thread, size_t i, struct err *err)
{
    (void)thread;
    (void)err;
    const struct fill *fill = context;
    const struct unit *unit = &fill->units[i];
    const struct series *series = &fill->collection->list[unit->s];
    const struct by_cell *single = &fill->single[unit->s], *several = &fill->several[unit->s];
    size_t cells = unit->end_cell - unit->first_cell;
    size_t values = single->first[unit->end_cell] - single->first[unit->first_cell] + several->first[unit->end_cell] -
                    several->first[unit->first_cell];
    struct work work = {
        .fill = fill,
        .unit = unit,
        .table = &fill->cube->tables[series->table],
        .m = series->m,
        .inner = mem_alloc(cells * sizeof *work.inner),
        .next = mem_alloc(cells * sizeof *work.next),
        .done = mem_zalloc(cells, sizeof *work.done),
        .buffer = mem_alloc(values * sizeof *work.buffer),
    };
    for (size_t m = 0; m < series->m; m++)
        work.slot += work.table->plan->measures[m].percent_count;
    find_ancestors(&work);
    for (size_t pattern = 0; work.inner_count && pattern < work.table->layout.ancestors; pattern++)
        compute_pattern(&work, pattern);
    compute_rest(&work);
    free(work.inner);
    free(work.ancestors);
    free(work.next);
    free(work.done);
    free(work.buffer);
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
        fill->units[fill->count++] = (struct unit){ s, c, end };
    }
}

void cube_quantiles_fill(struct cube *cube, const struct collection *collection, struct pass *passes, size_t count)
{
    struct fill fill = {
        .cube = cube,
        .collection = collection,
        .single = mem_zalloc(collection->count, sizeof *fill.single),
        .several = mem_zalloc(collection->count, sizeof *fill.several),
    };
    for (size_t s = 0; s < collection->count; s++) {
        size_t cells = cube->tables[collection->list[s].table].cells.count;
        order_records(&fill.single[s], passes, count, s, true, cells);
        order_records(&fill.several[s], passes, count, s, false, cells);
        add_units(&fill, s);
    }
    if (parallel_run(cube->plan->threads, fill.count, fill_unit, &fill, NULL))
        BUG("computing quantiles failed");
    for (size_t s = 0; s < collection->count; s++) {
        release_ordered(&fill.single[s]);
        release_ordered(&fill.several[s]);
    }
    free(fill.single);
    free(fill.several);
    free(fill.units);
}
