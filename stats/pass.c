#include "stats/pass.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { WAITING = 32 };

void pass_init(struct pass *pass, const struct cube *cube, struct collection *collection, bool counting)
{
    const struct cube_plan *plan = cube->plan;
    size_t ancestors = 1;
    *pass = (struct pass){ .cube = cube, .counting = counting };
    pass->tables = mem_zalloc(plan->table_count, sizeof *pass->tables);
    for (size_t t = 0; t < plan->table_count; t++) {
        cellmap_init(&pass->tables[t].single, plan->tables[t].measure_count);
        cellmap_init(&pass->tables[t].several, plan->tables[t].measure_count);
        cellmap_init(&pass->tables[t].touched, plan->tables[t].measure_count);
        pass->tables[t].waiting = mem_alloc(WAITING * pass->tables[t].single.stride);
        if (cube->tables[t].layout.ancestors > ancestors)
            ancestors = cube->tables[t].layout.ancestors;
    }
    pass->ancestors = mem_alloc(ancestors * sizeof *pass->ancestors);
    collector_init(&pass->collector, collection, cube);
}

void pass_release(struct pass *pass)
{
    for (size_t t = 0; t < pass->cube->plan->table_count; t++) {
        cellmap_release(&pass->tables[t].single);
        cellmap_release(&pass->tables[t].several);
        cellmap_release(&pass->tables[t].touched);
        free(pass->tables[t].waiting);
    }
    free(pass->tables);
    free(pass->ancestors);
    collector_release(&pass->collector);
}

/* Adds one person's cell and collects its values. */
static int take(struct pass *pass, size_t t, const struct cell *cell, bool single, struct err *err)
{
    const struct cube_table *table = &pass->cube->tables[t];
    uint32_t index;
    if (pass->counting) {
        struct cellmap *map = single ? &pass->tables[t].single : &pass->tables[t].several;
        index = cellmap_get(map, cell->key);
        if (cell_merge(cellmap_at(map, index), cell, map->measures))
            return scan_overflow(err);
    } else {
        index = cellmap_find(&table->cells, cell->key);
        if (index == CELLMAP_NONE)
            return err_set(err, ERR_AGAIN, "the stored cases changed while they were read");
    }
    collector_add(&pass->collector, t, layout_node(&table->layout, cell->key, 0), cell, index, single);
    return 0;
}

/* Takes many: most of the time goes into waiting for memory, so all is asked for before it is used. */
static int take_all(struct pass *pass, size_t t, const unsigned char *cells, size_t count, bool single, struct err *err)
{
    const struct pass_table *own = &pass->tables[t];
    const struct cellmap *map = !pass->counting ? &pass->cube->tables[t].cells : single ? &own->single : &own->several;
    size_t stride = map->stride;
    for (size_t i = 0; i < count; i++)
        cellmap_prefetch_slot(map, ((const struct cell *)(const void *)(cells + i * stride))->key);
    for (size_t i = 0; i < count; i++)
        cellmap_prefetch_cell(map, ((const struct cell *)(const void *)(cells + i * stride))->key);
    int failed = 0;
    for (size_t i = 0; i < count && !failed; i++)
        failed = take(pass, t, (const struct cell *)(const void *)(cells + i * stride), single, err);
    return failed;
}

static int take_waiting(struct pass *pass, size_t t, struct err *err)
{
    size_t count = pass->tables[t].waiting_count;
    pass->tables[t].waiting_count = 0;
    return take_all(pass, t, pass->tables[t].waiting, count, true, err);
}

int pass_flush(struct pass *pass, struct err *err)
{
    int failed = 0;
    for (size_t t = 0; t < pass->cube->plan->table_count && !failed; t++)
        failed = take_waiting(pass, t, err);
    return failed;
}

int pass_visit(void *state, const struct scan_group *group, struct err *err)
{
    struct pass *pass = state;
    struct pass_table *own = &pass->tables[group->table];
    const struct layout *layout = &pass->cube->tables[group->table].layout;
    if (!pass->counting &&
        !collector_wants(&pass->collector, group->table, layout_node(layout, group->cells[0]->key, 0)))
        return 0;
    if (group->count == 1) {
        memcpy(own->waiting + own->waiting_count++ * own->single.stride, group->cells[0], own->single.stride);
        return own->waiting_count == WAITING ? take_waiting(pass, group->table, err) : 0;
    }
    if (scan_expand(layout, group, pass->ancestors, &own->touched))
        return scan_overflow(err);
    return take_all(pass, group->table, own->touched.cells, own->touched.count, false, err);
}

static bool merge_map(struct cellmap *into, const struct cellmap *from)
{
    bool overflow = false;
    for (size_t i = 0; i < from->count; i++) {
        const struct cell *cell = cellmap_at(from, i);
        overflow |= cell_merge(cellmap_at(into, cellmap_get(into, cell->key)), cell, into->measures);
    }
    return overflow;
}

/* Adds every cell of the level to the cell one level up in that dimension. */
static bool roll_up_level(struct cellmap *cells, const struct layout *layout, size_t d, uint32_t level)
{
    const struct domain_node *nodes = layout->dimension[d]->nodes;
    bool overflow = false;
    for (size_t i = 0; i < cells->count; i++) {
        cell_key key = cellmap_at(cells, i)->key;
        uint32_t node = layout_node(layout, key, d);
        if (nodes[node].level != level)
            continue;
        uint32_t up = cellmap_get(cells, layout_with(layout, key, d, nodes[node].parent));
        overflow |= cell_merge(cellmap_at(cells, up), cellmap_at(cells, i), cells->measures);
    }
    return overflow;
}

static bool roll_up(struct cellmap *cells, const struct layout *layout)
{
    bool overflow = false;
    for (size_t d = 1; d < layout->dimensions && layout->ancestors > 1; d++)
        for (uint32_t level = (uint32_t)layout->dimension[d]->levels; level > 0; level--)
            overflow |= roll_up_level(cells, layout, d, level);
    return overflow;
}

static void remap_records(struct pass *pass, const struct cube_table *table, const struct cellmap *map, bool single)
{
    size_t t = (size_t)(table - pass->cube->tables);
    const struct collection *collection = pass->collector.collection;
    uint32_t *remap = mem_alloc(map->count * sizeof *remap);
    for (size_t i = 0; i < map->count; i++)
        remap[i] = cellmap_find(&table->cells, cellmap_at(map, i)->key);
    for (size_t s = collection->first[t]; s < collection->first[t + 1]; s++) {
        struct collector_series *series = &pass->collector.series[s];
        records_remap(single ? &series->single : &series->several, remap);
    }
    free(remap);
}

int pass_merge(struct pass *passes, size_t count, struct cube_table *table, size_t t, struct err *err)
{
    bool overflow = false;
    for (size_t p = 0; p < count; p++)
        overflow |= merge_map(&table->cells, &passes[p].tables[t].single);
    overflow |= roll_up(&table->cells, &table->layout);
    for (size_t p = 0; p < count; p++)
        overflow |= merge_map(&table->cells, &passes[p].tables[t].several);
    cellmap_sort(&table->cells);
    for (size_t p = 0; p < count; p++) {
        remap_records(&passes[p], table, &passes[p].tables[t].single, true);
        remap_records(&passes[p], table, &passes[p].tables[t].several, false);
        cellmap_release(&passes[p].tables[t].single);
        cellmap_release(&passes[p].tables[t].several);
    }
    return overflow ? scan_overflow(err) : 0;
}
