#include "stats/collect.h"

#include <stdlib.h>

#include "core/mem.h"

enum { CHUNK_RECORDS = 512 };

static size_t count_series(const struct cube_plan *plan)
{
    size_t count = 0;
    for (size_t t = 0; t < plan->table_count; t++)
        for (size_t m = 0; m < plan->tables[t].measure_count; m++)
            count += plan->tables[t].measures[m].percent_count > 0;
    return count;
}

static void add_series(struct collection *collection, size_t table, size_t m, uint32_t periods)
{
    collection->list[collection->count++] = (struct series){
        .table = table,
        .m = m,
        .periods = periods,
        .to = periods,
        .counts = mem_zalloc(periods, sizeof(uint64_t)),
    };
}

void collection_init(struct collection *collection, const struct cube *cube)
{
    const struct cube_plan *plan = cube->plan;
    *collection = (struct collection){
        .list = mem_zalloc(count_series(plan), sizeof *collection->list),
        .first = mem_zalloc(plan->table_count + 1, sizeof *collection->first),
        .ranges = mem_zalloc(plan->table_count, sizeof *collection->ranges),
        .tables = plan->table_count,
        .budget = plan->quantile_budget ? plan->quantile_budget : CUBE_QUANTILE_BUDGET,
    };
    for (size_t t = 0; t < plan->table_count; t++) {
        collection->first[t] = collection->count;
        for (size_t m = 0; m < plan->tables[t].measure_count; m++)
            if (plan->tables[t].measures[m].percent_count)
                add_series(collection, t, m, cube->tables[t].layout.dimension[0]->count);
    }
    collection->first[plan->table_count] = collection->count;
}

void collection_release(struct collection *collection)
{
    for (size_t s = 0; s < collection->count; s++)
        free(collection->list[s].counts);
    free(collection->list);
    free(collection->first);
    free(collection->ranges);
    *collection = (struct collection){ 0 };
}

/* Extends the series' selection from *period on while it fits; returns whether the series is done. */
static bool select_periods(struct series *series, uint32_t *period, uint64_t *left, bool *any)
{
    series->from = series->to = *period;
    while (series->to < series->periods && (series->counts[series->to] <= *left || !*any)) {
        uint64_t count = series->counts[series->to++];
        *left -= count < *left ? count : *left;
        *any |= count > 0;
    }
    *period = series->to;
    return series->to == series->periods;
}

static void find_ranges(struct collection *collection)
{
    for (size_t t = 0; t < collection->tables; t++)
        collection->ranges[t] = (struct scan_range){ 0, 0 };
    for (size_t s = 0; s < collection->count; s++) {
        const struct series *series = &collection->list[s];
        struct scan_range *range = &collection->ranges[series->table];
        if (series->from == series->to)
            continue;
        if (range->from == range->to)
            *range = (struct scan_range){ series->from, series->to };
        range->from = series->from < range->from ? series->from : range->from;
        range->to = series->to > range->to ? series->to : range->to;
    }
}

bool collection_select(struct collection *collection, size_t *series, uint32_t *period)
{
    uint64_t left = collection->budget;
    bool any = false;
    for (size_t s = 0; s < collection->count; s++)
        collection->list[s].from = collection->list[s].to = 0;
    while (*series < collection->count && select_periods(&collection->list[*series], period, &left, &any)) {
        ++*series;
        *period = 0;
    }
    find_ranges(collection);
    return any;
}

void collector_init(struct collector *collector, struct collection *collection)
{
    collector->collection = collection;
    collector->units = mem_zalloc(collection->count, sizeof *collector->units);
    for (size_t s = 0; s < collection->count; s++)
        collector->units[s] = mem_zalloc(collection->list[s].periods, sizeof **collector->units);
}

static void release_chunks(struct unit_records *unit)
{
    while (unit->chunks) {
        struct record_chunk *next = unit->chunks->next;
        free(unit->chunks);
        unit->chunks = next;
    }
}

void collector_release(struct collector *collector)
{
    for (size_t s = 0; collector->units && s < collector->collection->count; s++) {
        for (uint32_t p = 0; p < collector->collection->list[s].periods; p++)
            release_chunks(&collector->units[s][p]);
        free(collector->units[s]);
    }
    free(collector->units);
    collector->units = NULL;
}

static bool is_selected(const struct series *series, uint32_t period)
{
    return period >= series->from && period < series->to;
}

bool collector_wants(const struct collector *collector, size_t table, uint32_t period)
{
    const struct collection *collection = collector->collection;
    for (size_t s = collection->first[table]; s < collection->first[table + 1]; s++)
        if (is_selected(&collection->list[s], period))
            return true;
    return false;
}

/* A chunk with room for a group of `count`; NULL: the budget is spent. It is taken chunk by chunk. */
static struct record_chunk *find_room(struct collection *collection, struct unit_records *unit, size_t count)
{
    struct record_chunk *chunk = unit->chunks;
    if (chunk && chunk->capacity - chunk->count >= count)
        return chunk;
    size_t capacity = count > CHUNK_RECORDS ? count : CHUNK_RECORDS;
    if (!collection->planned && atomic_fetch_add(&collection->held, capacity) >= collection->budget) {
        atomic_store(&collection->overflown, true);
        return NULL;
    }
    chunk = mem_alloc(sizeof *chunk + capacity * sizeof *chunk->records);
    chunk->next = unit->chunks;
    chunk->count = 0;
    chunk->capacity = capacity;
    unit->chunks = chunk;
    return chunk;
}

static void add_group(struct record_chunk *chunk, const struct scan_group *group, size_t m, const uint32_t *indices)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct cell_sum *sum = &group->cells[i]->sums[m];
        BUG_ON(sum->n > INT32_MAX);
        if (sum->n)
            chunk->records[chunk->count++] =
                (struct record){ .cell = indices[i], .n = (uint32_t)sum->n & INT32_MAX, .goes_on = 1, .sum = sum->sum };
    }
    chunk->records[chunk->count - 1].goes_on = 0;
}

void collector_add(struct collector *collector, const struct scan_group *group, uint32_t period,
                   const uint32_t *indices)
{
    struct collection *collection = collector->collection;
    for (size_t s = collection->first[group->table]; s < collection->first[group->table + 1]; s++) {
        const struct series *series = &collection->list[s];
        struct unit_records *unit = &collector->units[s][period];
        size_t count = 0;
        for (size_t i = 0; i < group->count; i++)
            count += group->cells[i]->sums[series->m].n > 0;
        if (!count || !is_selected(series, period))
            continue;
        unit->count += count;
        if (atomic_load_explicit(&collection->overflown, memory_order_relaxed)) {
            release_chunks(unit);
            continue;
        }
        struct record_chunk *chunk = find_room(collection, unit, count);
        if (chunk)
            add_group(chunk, group, series->m, indices);
    }
}

void collector_remap(struct collector *collector, size_t table, const uint32_t *remap)
{
    const struct collection *collection = collector->collection;
    for (size_t s = collection->first[table]; s < collection->first[table + 1]; s++)
        for (uint32_t p = 0; p < collection->list[s].periods; p++)
            for (struct record_chunk *chunk = collector->units[s][p].chunks; chunk; chunk = chunk->next)
                for (size_t i = 0; i < chunk->count; i++)
                    chunk->records[i].cell = remap[chunk->records[i].cell];
}
