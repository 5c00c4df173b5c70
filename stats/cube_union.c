#include "stats/cube.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/scan.h"

/* Lists of unions by cell: those of cell c are at first[c] .. first[c + 1]. */
struct union_lists {
    size_t *first;
    uint32_t *unions;
    size_t count, capacity;
};

/* One thread's unions of one table. */
struct union_state {
    const struct cube *cube;
    const struct union_lists *inner; /* per table: by inner cell */
    struct cellmap *results;         /* per table, by union */
    struct cellmap *touched;         /* per table; scratch */
};

void cube_unions_add(struct cube_unions *unions, size_t table, const uint32_t *members, size_t count)
{
    MEM_GROW(unions->list, unions->count, unions->capacity);
    uint32_t *copy = mem_alloc(count * sizeof *copy);
    memcpy(copy, members, count * sizeof *copy);
    unions->list[unions->count++] = (struct cube_union){ .table = table, .members = copy, .count = count };
}

void cube_unions_release(struct cube_unions *unions)
{
    for (size_t u = 0; u < unions->count; u++)
        free((void *)(uintptr_t)unions->list[u].members);
    for (size_t t = 0; t < unions->tables; t++)
        cellmap_release(&unions->results[t]);
    free(unions->list);
    free(unions->results);
    *unions = (struct cube_unions){ 0 };
}

/* The unions that each cell was named in as a member. */
static void list_members(struct union_lists *lists, const struct cube_unions *unions, size_t t, size_t cells)
{
    size_t *first = mem_zalloc(cells + 2, sizeof *first);
    for (size_t u = 0; u < unions->count; u++)
        for (size_t i = 0; unions->list[u].table == t && i < unions->list[u].count; i++)
            first[unions->list[u].members[i] + 2]++;
    for (size_t c = 2; c < cells + 2; c++)
        first[c] += first[c - 1];
    lists->unions = mem_alloc(first[cells + 1] * sizeof *lists->unions);
    for (size_t u = 0; u < unions->count; u++)
        for (size_t i = 0; unions->list[u].table == t && i < unions->list[u].count; i++)
            lists->unions[first[unions->list[u].members[i] + 1]++] = (uint32_t)u;
    lists->first = first;
}

static bool is_inner(const struct layout *layout, cell_key key)
{
    for (size_t d = 1; d < layout->dimensions; d++)
        if (layout->dimension[d]->nodes[layout_node(layout, key, d)].level != layout->dimension[d]->levels)
            return false;
    return true;
}

/* Adds each of the unions once. */
static void add_unions(struct union_lists *inner, size_t first, const struct union_lists *members, size_t cell)
{
    for (size_t i = members->first[cell]; i < members->first[cell + 1]; i++) {
        uint32_t one = members->unions[i];
        size_t at = first;
        while (at < inner->count && inner->unions[at] != one)
            at++;
        if (at < inner->count)
            continue;
        MEM_GROW(inner->unions, inner->count, inner->capacity);
        inner->unions[inner->count++] = one;
    }
}

/* The unions that each inner cell is part of through any of the cells above it. */
static void list_inner(struct union_lists *inner, const struct cube_table *table, const struct union_lists *members)
{
    const struct layout *layout = &table->layout;
    cell_key *keys = mem_alloc(layout->ancestors * sizeof *keys);
    inner->first = mem_zalloc(table->cells.count + 1, sizeof *inner->first);
    for (size_t c = 0; c < table->cells.count; c++) {
        cell_key key = cellmap_at(&table->cells, c)->key;
        inner->first[c] = inner->count;
        if (!is_inner(layout, key))
            continue;
        size_t count = layout_ancestors(layout, key, keys);
        for (size_t a = 0; a < count; a++)
            add_unions(inner, inner->first[c], members, cellmap_find(&table->cells, keys[a]));
    }
    inner->first[table->cells.count] = inner->count;
    free(keys);
}

static void release_lists(struct union_lists *lists)
{
    free(lists->first);
    free(lists->unions);
}

static struct union_lists *make_lists(const struct cube *cube, const struct cube_unions *unions)
{
    struct union_lists *inner = mem_zalloc(cube->plan->table_count, sizeof *inner);
    for (size_t t = 0; t < cube->plan->table_count; t++) {
        struct union_lists members = { 0 };
        list_members(&members, unions, t, cube->tables[t].cells.count);
        if (members.first[cube->tables[t].cells.count])
            list_inner(&inner[t], &cube->tables[t], &members);
        release_lists(&members);
    }
    return inner;
}

static int visit(void *context, const struct scan_group *group, struct err *err)
{
    struct union_state *state = context;
    const struct union_lists *inner = &state->inner[group->table];
    struct cellmap *results = &state->results[group->table], *touched = &state->touched[group->table];
    bool overflow = false;
    cellmap_clear(touched);
    for (size_t i = 0; i < group->count; i++) {
        uint32_t cell = cellmap_find(&state->cube->tables[group->table].cells, group->cells[i]->key);
        if (cell == CELLMAP_NONE)
            return err_set(err, ERR_AGAIN, "the stored cases changed while they were read");
        for (size_t u = inner->first[cell]; u < inner->first[cell + 1]; u++)
            overflow |= cell_join(cellmap_at(touched, cellmap_get(touched, inner->unions[u])), group->cells[i],
                                  touched->measures);
    }
    for (size_t i = 0; i < touched->count; i++) {
        struct cell *cell = cellmap_at(touched, i);
        cell_seal(cell, touched->measures);
        overflow |= cell_merge(cellmap_at(results, cellmap_get(results, cell->key)), cell, touched->measures);
    }
    return overflow ? scan_overflow(err) : 0;
}

static void init_maps(struct cellmap **maps, const struct cube *cube)
{
    *maps = mem_zalloc(cube->plan->table_count, sizeof **maps);
    for (size_t t = 0; t < cube->plan->table_count; t++)
        cellmap_init(&(*maps)[t], cube->plan->tables[t].measure_count);
}

static void free_maps(struct cellmap *maps, size_t count)
{
    for (size_t t = 0; t < count; t++)
        cellmap_release(&maps[t]);
    free(maps);
}

static bool merge_results(struct cube_unions *unions, const struct union_state *state)
{
    bool overflow = false;
    for (size_t t = 0; t < unions->tables; t++)
        for (size_t i = 0; i < state->results[t].count; i++) {
            const struct cell *cell = cellmap_at(&state->results[t], i);
            struct cellmap *into = &unions->results[t];
            overflow |= cell_merge(cellmap_at(into, cellmap_get(into, cell->key)), cell, into->measures);
        }
    return overflow;
}

/* Every union gets a cell, if with no cases. */
static void point_to_results(struct cube_unions *unions)
{
    for (size_t u = 0; u < unions->count; u++)
        cellmap_get(&unions->results[unions->list[u].table], u);
    for (size_t u = 0; u < unions->count; u++) {
        struct cellmap *map = &unions->results[unions->list[u].table];
        unions->list[u].cell = cellmap_at(map, cellmap_find(map, u));
    }
}

/* One pass over the tables that have unions. */
static int run_scan(const struct cube *cube, const struct row_source *rows, struct union_state *states, size_t threads,
                    struct err *err)
{
    void *pointers[PARALLEL_MAX_THREADS];
    struct scan_range *ranges = mem_zalloc(cube->plan->table_count, sizeof *ranges);
    for (size_t i = 0; i < threads; i++)
        pointers[i] = &states[i];
    for (size_t t = 0; t < cube->plan->table_count; t++)
        ranges[t].to = states[0].inner[t].first ? UINT32_MAX : 0;
    struct scan scan = { .cube = cube, .rows = rows, .ranges = ranges, .visit = visit, .states = pointers };
    int failed = scan_run(&scan, threads, err);
    free(ranges);
    return failed;
}

int cube_unite(const struct cube *cube, const struct row_source *rows, struct cube_unions *unions, struct err *err)
{
    if (!unions->count)
        return 0;
    size_t threads = parallel_threads(cube->plan->threads);
    struct union_lists *inner = make_lists(cube, unions);
    struct union_state states[PARALLEL_MAX_THREADS];
    for (size_t i = 0; i < threads; i++) {
        states[i] = (struct union_state){ .cube = cube, .inner = inner };
        init_maps(&states[i].results, cube);
        init_maps(&states[i].touched, cube);
    }
    int failed = run_scan(cube, rows, states, threads, err);
    if (!unions->results)
        init_maps(&unions->results, cube);
    unions->tables = cube->plan->table_count;
    for (size_t i = 0; i < threads; i++) {
        if (!failed && merge_results(unions, &states[i]))
            failed = scan_overflow(err);
        free_maps(states[i].results, cube->plan->table_count);
        free_maps(states[i].touched, cube->plan->table_count);
    }
    for (size_t t = 0; t < cube->plan->table_count; t++)
        release_lists(&inner[t]);
    free(inner);
    if (!failed)
        point_to_results(unions);
    return failed;
}
