#include "stats/collect.h"

#include <stdlib.h>

#include "core/mem.h"
#include "stats/quantile.h"

enum { CHUNK_RECORDS = 8192 };

struct record_chunk {
    struct record_chunk *next;
    size_t count;
    int64_t values[CHUNK_RECORDS];
    uint32_t indices[CHUNK_RECORDS];
};

static uint32_t period_count(const struct cube *cube, const struct series *series)
{
    return cube->tables[series->table].layout.dimension[0]->count;
}

static size_t count_series(const struct cube *cube)
{
    size_t count = 0;
    for (size_t t = 0; t < cube->plan->table_count; t++)
        for (size_t m = 0; m < cube->plan->tables[t].measure_count; m++)
            count += cube->plan->tables[t].measures[m].percent_count > 0;
    return count;
}

void collection_init(struct collection *collection, const struct cube *cube)
{
    const struct cube_plan *plan = cube->plan;
    *collection = (struct collection){
        .list = mem_zalloc(count_series(cube), sizeof *collection->list),
        .first = mem_zalloc(plan->table_count + 1, sizeof *collection->first),
        .budget = plan->quantile_budget ? plan->quantile_budget : CUBE_QUANTILE_BUDGET,
    };
    for (size_t t = 0; t < plan->table_count; t++) {
        collection->first[t] = collection->count;
        for (size_t m = 0; m < plan->tables[t].measure_count; m++) {
            if (!plan->tables[t].measures[m].percent_count)
                continue;
            struct series *series = &collection->list[collection->count++];
            *series = (struct series){ .table = t, .m = m, .to = UINT32_MAX };
            series->counts = mem_zalloc(period_count(cube, series), sizeof *series->counts);
        }
    }
    collection->first[plan->table_count] = collection->count;
}

void collection_release(struct collection *collection)
{
    for (size_t s = 0; s < collection->count; s++)
        free(collection->list[s].counts);
    free(collection->list);
    free(collection->first);
    collection->list = NULL;
    collection->first = NULL;
    collection->count = 0;
}

void collector_init(struct collector *collector, struct collection *collection, const struct cube *cube)
{
    collector->collection = collection;
    collector->series = mem_zalloc(collection->count, sizeof *collector->series);
    for (size_t s = 0; s < collection->count; s++)
        collector->series[s].counts =
            mem_zalloc(period_count(cube, &collection->list[s]), sizeof *collector->series[s].counts);
}

void collector_release(struct collector *collector)
{
    for (size_t s = 0; collector->series && s < collector->collection->count; s++) {
        records_release(&collector->series[s].single);
        records_release(&collector->series[s].several);
        free(collector->series[s].counts);
    }
    free(collector->series);
    collector->series = NULL;
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

/* The budget is taken chunk by chunk. */
static bool take_chunk(struct collector *collector, struct records *records)
{
    struct collection *collection = collector->collection;
    if (!collection->planned && atomic_fetch_add(&collection->held, CHUNK_RECORDS) >= collection->budget) {
        atomic_store(&collection->overflown, true);
        return false;
    }
    struct record_chunk *chunk = mem_alloc(sizeof *chunk);
    chunk->next = records->chunks;
    chunk->count = 0;
    records->chunks = chunk;
    return true;
}

static void add_record(struct collector *collector, struct records *records, uint32_t index, int64_t value)
{
    struct record_chunk *chunk = records->chunks;
    if (!chunk || chunk->count == CHUNK_RECORDS) {
        if (!take_chunk(collector, records))
            return;
        chunk = records->chunks;
    }
    chunk->indices[chunk->count] = index;
    chunk->values[chunk->count++] = value;
    records->count++;
}

void collector_add(struct collector *collector, size_t table, uint32_t period, const struct cell *cell, uint32_t index,
                   bool single)
{
    struct collection *collection = collector->collection;
    for (size_t s = collection->first[table]; s < collection->first[table + 1]; s++) {
        const struct series *series = &collection->list[s];
        const struct cell_sum *sum = &cell->sums[series->m];
        if (!sum->n || !is_selected(series, period))
            continue;
        collector->series[s].counts[period]++;
        struct records *records = single ? &collector->series[s].single : &collector->series[s].several;
        if (atomic_load_explicit(&collection->overflown, memory_order_relaxed))
            records_release(records);
        else
            add_record(collector, records, index, quantile_person_value(sum->sum, sum->n));
    }
}

void records_remap(struct records *records, const uint32_t *remap)
{
    for (struct record_chunk *chunk = records->chunks; chunk; chunk = chunk->next)
        for (size_t i = 0; i < chunk->count; i++)
            chunk->indices[i] = remap[chunk->indices[i]];
}

void records_count(const struct records *records, size_t *counts)
{
    for (const struct record_chunk *chunk = records->chunks; chunk; chunk = chunk->next)
        for (size_t i = 0; i < chunk->count; i++)
            counts[chunk->indices[i]]++;
}

void records_move(struct records *records, size_t *next, int64_t *out)
{
    while (records->chunks) {
        struct record_chunk *chunk = records->chunks;
        for (size_t i = 0; i < chunk->count; i++)
            out[next[chunk->indices[i]]++] = chunk->values[i];
        records->chunks = chunk->next;
        free(chunk);
    }
    records->count = 0;
}

void records_release(struct records *records)
{
    while (records->chunks) {
        struct record_chunk *next = records->chunks->next;
        free(records->chunks);
        records->chunks = next;
    }
    records->count = 0;
}
