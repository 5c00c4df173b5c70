#include "stats/scan.h"

#include <stdlib.h>

#include "core/mem.h"

/* What one thread gathers of the person it reads. */
struct gather {
    struct cellmap *tables;
    struct cell **sorted;
    size_t sorted_capacity;
    void *reader;
    bool overflow;
};

struct scanning {
    const struct scan *scan;
    struct gather *gathers; /* per thread */
};

static bool is_in_range(const struct scan *scan, size_t t, const uint32_t *nodes)
{
    uint32_t period = nodes[scan->cube->tables[t].plan->dimensions[0]];
    return !scan->ranges || (period >= scan->ranges[t].from && period < scan->ranges[t].to);
}

static void add_row(struct gather *gather, const struct cube *cube, size_t t, const uint32_t *nodes,
                    const int64_t *values)
{
    const struct cube_table *table = &cube->tables[t];
    cell_key key = 0;
    for (size_t d = 0; d < table->plan->dimension_count; d++)
        key |= layout_part(&table->layout, d, nodes[table->plan->dimensions[d]]);
    struct cellmap *map = &gather->tables[t];
    struct cell *cell = cellmap_at(map, cellmap_get(map, key));
    cell->cases++;
    for (size_t m = 0; m < table->plan->measure_count; m++) {
        size_t measure = table->plan->measures[m].measure;
        const struct cube_measure *meaning = &cube->plan->measures[measure];
        int64_t value = values[measure];
        if (value == ROWS_NO_VALUE)
            continue;
        bool in_share = meaning->has_share && value >= meaning->share_lowest && value <= meaning->share_highest;
        gather->overflow |= cell_add_value(&cell->sums[m], value, in_share);
    }
}

static int compare_cells(const void *a, const void *b)
{
    const struct cell *left = *(struct cell *const *)a, *right = *(struct cell *const *)b;
    return (left->key > right->key) - (left->key < right->key);
}

static void sort_cells(struct gather *gather, struct cellmap *map)
{
    while (gather->sorted_capacity < map->count)
        MEM_GROW(gather->sorted, gather->sorted_capacity, gather->sorted_capacity);
    for (size_t i = 0; i < map->count; i++) {
        gather->sorted[i] = cellmap_at(map, i);
        cell_seal(gather->sorted[i], map->measures);
    }
    if (map->count > 1)
        qsort(gather->sorted, map->count, sizeof(struct cell *), compare_cells);
}

static int visit_table(const struct scanning *scanning, size_t thread, size_t t, struct err *err)
{
    const struct scan *scan = scanning->scan;
    struct gather *gather = &scanning->gathers[thread];
    const struct layout *layout = &scan->cube->tables[t].layout;
    struct cellmap *map = &gather->tables[t];
    sort_cells(gather, map);
    int failed = 0;
    for (size_t first = 0, end; first < map->count && !failed; first = end) {
        uint32_t period = layout_node(layout, gather->sorted[first]->key, 0);
        for (end = first + 1; end < map->count; end++)
            if (layout_node(layout, gather->sorted[end]->key, 0) != period)
                break;
        struct scan_group group = { t, gather->sorted + first, end - first };
        failed = scan->visit(scan->states[thread], &group, err);
    }
    cellmap_clear(map);
    return failed;
}

int scan_overflow(struct err *err)
{
    return err_set(err, ERR_DATA, "the values of a measure are too large to add up");
}

static int visit_person(const struct scanning *scanning, size_t thread, struct err *err)
{
    struct gather *gather = &scanning->gathers[thread];
    if (gather->overflow)
        return scan_overflow(err);
    int failed = 0;
    for (size_t t = 0; t < scanning->scan->cube->plan->table_count && !failed; t++)
        if (gather->tables[t].count)
            failed = visit_table(scanning, thread, t, err);
    return failed;
}

/* Adds a batch to what is gathered; visits each person who is complete. */
static int take_rows(const struct scanning *scanning, size_t thread, const struct rows *rows, int64_t *person,
                     struct err *err)
{
    const struct scan *scan = scanning->scan;
    for (size_t r = 0; r < rows->count; r++) {
        int failed = rows->person[r] != *person ? visit_person(scanning, thread, err) : 0;
        if (failed)
            return failed;
        *person = rows->person[r];
        const uint32_t *nodes = rows->nodes + r * scan->rows->dimensions;
        for (size_t t = 0; t < scan->cube->plan->table_count; t++)
            if (is_in_range(scan, t, nodes))
                add_row(&scanning->gathers[thread], scan->cube, t, nodes, rows->values + r * scan->rows->measures);
    }
    return 0;
}

static int scan_part(void *context, size_t thread, size_t part, struct err *err)
{
    const struct scanning *scanning = context;
    const struct row_source *source = scanning->scan->rows;
    struct gather *gather = &scanning->gathers[thread];
    struct rows rows;
    int64_t person = 0;
    int result = gather->reader ? 0 : source->open(source, &gather->reader, err);
    if (!result)
        result = source->seek(gather->reader, part, err);
    while (!result && (result = source->next(gather->reader, &rows, err)) > 0)
        result = take_rows(scanning, thread, &rows, &person, err);
    return result ? result : visit_person(scanning, thread, err);
}

static struct gather *new_gathers(const struct cube *cube, size_t threads)
{
    struct gather *gathers = mem_zalloc(threads, sizeof *gathers);
    for (size_t i = 0; i < threads; i++) {
        gathers[i].tables = mem_zalloc(cube->plan->table_count, sizeof *gathers[i].tables);
        for (size_t t = 0; t < cube->plan->table_count; t++)
            cellmap_init(&gathers[i].tables[t], cube->plan->tables[t].measure_count);
    }
    return gathers;
}

static void free_gathers(struct scanning *scanning, size_t threads)
{
    for (size_t i = 0; i < threads; i++) {
        struct gather *gather = &scanning->gathers[i];
        for (size_t t = 0; t < scanning->scan->cube->plan->table_count; t++)
            cellmap_release(&gather->tables[t]);
        if (gather->reader)
            scanning->scan->rows->close(gather->reader);
        free(gather->tables);
        free(gather->sorted);
    }
    free(scanning->gathers);
}

int scan_run(const struct scan *scan, size_t threads, struct err *err)
{
    struct scanning scanning = { scan, new_gathers(scan->cube, threads) };
    int failed = parallel_run(threads, scan->rows->parts, scan_part, &scanning, err);
    free_gathers(&scanning, threads);
    return failed;
}

bool scan_expand(const struct layout *layout, const struct scan_group *group, cell_key *ancestors,
                 struct cellmap *touched)
{
    bool overflow = false;
    cellmap_clear(touched);
    for (size_t i = 0; i < group->count; i++) {
        size_t count = layout_ancestors(layout, group->cells[i]->key, ancestors);
        for (size_t a = 0; a < count; a++)
            overflow |=
                cell_join(cellmap_at(touched, cellmap_get(touched, ancestors[a])), group->cells[i], touched->measures);
    }
    for (size_t i = 0; i < touched->count; i++)
        cell_seal(cellmap_at(touched, i), touched->measures);
    return overflow;
}
