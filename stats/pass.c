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
    collector_init(&pass->collector, collection);
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
    free(pass->indices);
    collector_release(&pass->collector);
}

static const struct cell *cell_of(const unsigned char *cells, size_t stride, size_t i)
{
    return (const struct cell *)(const void *)(cells + i * stride);
}

/* Adds cells of one person each. Most of the time goes into waiting for memory, so all is asked for before it is used. */
static bool merge_all(struct cellmap *map, const unsigned char *cells, size_t count)
{
    bool overflow = false;
    for (size_t i = 0; i < count; i++)
        cellmap_prefetch_slot(map, cell_of(cells, map->stride, i)->key);
    for (size_t i = 0; i < count; i++)
        cellmap_prefetch_cell(map, cell_of(cells, map->stride, i)->key);
    for (size_t i = 0; i < count; i++) {
        const struct cell *cell = cell_of(cells, map->stride, i);
        overflow |= cell_merge(cellmap_at(map, cellmap_get(map, cell->key)), cell, map->measures);
    }
    return overflow;
}

/* Hands the group's values on. In the first pass the inner cells are made in `single`, if with nothing counted in them, for
 * the sake of one numbering. */
static int collect(struct pass *pass, const struct scan_group *group, uint32_t period, struct err *err)
{
    if (!collector_wants(&pass->collector, group->table, period))
        return 0;
    while (pass->index_capacity < group->count)
        MEM_GROW(pass->indices, pass->index_capacity, pass->index_capacity);
    for (size_t i = 0; i < group->count; i++) {
        cell_key key = group->cells[i]->key;
        pass->indices[i] = pass->counting ? cellmap_get(&pass->tables[group->table].single, key)
                                          : cellmap_find(&pass->cube->tables[group->table].cells, key);
        if (pass->indices[i] == CELLMAP_NONE)
            return err_set(err, ERR_AGAIN, "the stored cases changed while they were read");
    }
    collector_add(&pass->collector, group, period, pass->indices);
    return 0;
}

static int take_waiting(struct pass *pass, size_t t, struct err *err)
{
    struct pass_table *own = &pass->tables[t];
    const struct layout *layout = &pass->cube->tables[t].layout;
    int failed = 0;
    if (pass->counting && merge_all(&own->single, own->waiting, own->waiting_count))
        failed = scan_overflow(err);
    for (size_t i = 0; i < own->waiting_count && !failed; i++) {
        struct cell *cell = (struct cell *)(void *)(own->waiting + i * own->single.stride);
        struct scan_group group = { t, &cell, 1 };
        failed = collect(pass, &group, layout_node(layout, cell->key, 0), err);
    }
    own->waiting_count = 0;
    return failed;
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
    if (group->count == 1) {
        memcpy(own->waiting + own->waiting_count++ * own->single.stride, group->cells[0], own->single.stride);
        return own->waiting_count == WAITING ? take_waiting(pass, group->table, err) : 0;
    }
    if (pass->counting) {
        bool overflow = scan_expand(layout, group, pass->ancestors, &own->touched);
        struct cellmap *into = layout->ancestors == 1 ? &own->single : &own->several; /* no cell is above another */
        if (overflow || merge_all(into, own->touched.cells, own->touched.count))
            return scan_overflow(err);
    }
    return collect(pass, group, layout_node(layout, group->cells[0]->key, 0), err);
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

/* The keys of a map's cells in the order of their indices. */
static cell_key *copy_keys(const struct cellmap *map)
{
    cell_key *keys = mem_alloc(map->count * sizeof *keys);
    for (size_t i = 0; i < map->count; i++)
        keys[i] = cellmap_at(map, i)->key;
    return keys;
}

static void remap_records(struct pass *pass, const struct cube_table *table, size_t t, const cell_key *keys,
                          size_t count)
{
    uint32_t *remap = mem_alloc(count * sizeof *remap);
    for (size_t i = 0; i < count; i++)
        remap[i] = cellmap_find(&table->cells, keys[i]);
    collector_remap(&pass->collector, t, remap);
}

/* Every map is let go as soon as it has been merged: together they are what a pass needs most memory for. */
int pass_merge(struct pass *passes, size_t count, struct cube_table *table, size_t t, struct err *err)
{
    cell_key *keys[PARALLEL_MAX_THREADS];
    size_t key_counts[PARALLEL_MAX_THREADS];
    bool overflow = false;
    for (size_t p = 0; p < count; p++) {
        struct cellmap *single = &passes[p].tables[t].single;
        keys[p] = copy_keys(single);
        key_counts[p] = single->count;
        if (p == 0) {
            table->cells = *single;
            cellmap_init(single, single->measures);
        } else {
            overflow |= merge_map(&table->cells, single);
            cellmap_release(single);
        }
    }
    overflow |= roll_up(&table->cells, &table->layout);
    for (size_t p = 0; p < count; p++) {
        overflow |= merge_map(&table->cells, &passes[p].tables[t].several);
        cellmap_release(&passes[p].tables[t].several);
    }
    cellmap_sort(&table->cells);
    for (size_t p = 0; p < count; p++) {
        remap_records(&passes[p], table, t, keys[p], key_counts[p]);
        free(keys[p]);
    }
    return overflow ? scan_overflow(err) : 0;
}
