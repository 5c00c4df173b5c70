#include "stats/collect.h"

#include <stdlib.h>

#include "core/mem.h"

enum { CHUNK_BYTES = 8192 - 4 * sizeof(size_t) };

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
        .bytes = mem_zalloc(periods, sizeof(uint64_t)),
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
        free(collection->list[s].bytes);
    free(collection->list);
    free(collection->first);
    free(collection->ranges);
    *collection = (struct collection){ 0 };
}

/* Extends the series' selection from *period on while it fits; returns whether the series is done. */
static bool select_periods(struct series *series, uint32_t *period, uint64_t *left, bool *any)
{
    series->from = series->to = *period;
    while (series->to < series->periods && (series->bytes[series->to] <= *left || !*any)) {
        uint64_t bytes = series->bytes[series->to++];
        *left -= bytes < *left ? bytes : *left;
        *any |= bytes > 0;
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
    collector->remap = mem_zalloc(collection->tables, sizeof *collector->remap);
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
    for (size_t t = 0; collector->remap && t < collector->collection->tables; t++)
        free(collector->remap[t]);
    free(collector->units);
    free(collector->remap);
    collector->units = NULL;
    collector->remap = NULL;
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

/* Seven bits a byte, the lowest first, the top bit set in all but the last. */
static size_t packed_bytes(uint64_t value)
{
    return (size_t)(63 - __builtin_clzll(value | 1)) / 7 + 1;
}

static unsigned char *pack(unsigned char *out, uint64_t value)
{
    for (; value > 127; value >>= 7)
        *out++ = (unsigned char)(value | 128);
    *out++ = (unsigned char)value;
    return out;
}

static uint64_t unpack(const struct record_chunk *chunk, size_t *at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        unsigned char byte = chunk->bytes[(*at)++];
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
}

/* Small for small numbers of either sign. */
static uint64_t fold_sign(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unfold_sign(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

bool record_next(const struct record_chunk *chunk, size_t *at, struct record *out)
{
    if (*at == chunk->used)
        return false;
    out->cell = (uint32_t)unpack(chunk, at);
    uint64_t n = unpack(chunk, at);
    out->n = (uint32_t)(n >> 1);
    out->goes_on = n & 1;
    out->sum = unfold_sign(unpack(chunk, at));
    return true;
}

/* What the group takes in the measure; 0: it has no value. */
static size_t group_bytes(const struct scan_group *group, size_t m, const uint32_t *indices)
{
    size_t bytes = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct cell_sum *sum = &group->cells[i]->sums[m];
        BUG_ON(sum->n > INT32_MAX);
        if (sum->n)
            bytes += packed_bytes(indices[i]) + packed_bytes(sum->n << 1) + packed_bytes(fold_sign(sum->sum));
    }
    return bytes;
}

/* A chunk with room for so many bytes; NULL: the budget is spent. It is taken chunk by chunk. */
static struct record_chunk *find_room(struct collection *collection, struct unit_records *unit, size_t bytes)
{
    struct record_chunk *chunk = unit->chunks;
    if (chunk && chunk->capacity - chunk->used >= bytes)
        return chunk;
    size_t capacity = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    if (!collection->planned && atomic_fetch_add(&collection->held, capacity) >= collection->budget) {
        atomic_store(&collection->overflown, true);
        return NULL;
    }
    chunk = mem_alloc(sizeof *chunk + capacity);
    chunk->next = unit->chunks;
    chunk->used = 0;
    chunk->capacity = capacity;
    unit->chunks = chunk;
    return chunk;
}

static void add_group(struct record_chunk *chunk, const struct scan_group *group, size_t m, const uint32_t *indices)
{
    unsigned char *out = chunk->bytes + chunk->used, *last = NULL;
    for (size_t i = 0; i < group->count; i++) {
        const struct cell_sum *sum = &group->cells[i]->sums[m];
        if (!sum->n)
            continue;
        last = pack(out, indices[i]);
        out = pack(pack(last, sum->n << 1 | 1), fold_sign(sum->sum));
    }
    BUG_ON(!last);
    *last &= (unsigned char)~1u; /* the group ends here */
    chunk->used = (size_t)(out - chunk->bytes);
}

void collector_add(struct collector *collector, const struct scan_group *group, uint32_t period,
                   const uint32_t *indices)
{
    struct collection *collection = collector->collection;
    for (size_t s = collection->first[group->table]; s < collection->first[group->table + 1]; s++) {
        const struct series *series = &collection->list[s];
        struct unit_records *unit = &collector->units[s][period];
        size_t bytes = is_selected(series, period) ? group_bytes(group, series->m, indices) : 0;
        if (!bytes)
            continue;
        unit->bytes += bytes;
        if (atomic_load_explicit(&collection->overflown, memory_order_relaxed)) {
            release_chunks(unit);
            continue;
        }
        struct record_chunk *chunk = find_room(collection, unit, bytes);
        if (chunk)
            add_group(chunk, group, series->m, indices);
    }
}

void collector_remap(struct collector *collector, size_t table, uint32_t *remap)
{
    collector->remap[table] = remap;
}
