/* Values collected for quantiles: one per person and cell. A series is a measure with quantiles of a table; a
 * unit is a series in one period. Values are held within a budget: as soon as it is passed, nothing is held
 * but counts go on, so that the units can be spread over further passes, in each of which a run of units is
 * selected. */
#ifndef STATS_COLLECT_H
#define STATS_COLLECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/cube.h"

struct series {
    size_t table, m;   /* table and its measure */
    uint32_t from, to; /* periods selected in this pass: from <= period < to */
    uint64_t *counts;  /* per period: values, once the first pass is over */
};

struct collection {
    struct series *list;
    size_t count;
    size_t *first; /* per table, and one past the last: its slice of list */
    size_t budget;
    bool planned; /* a later pass: what is selected fits, or is a single unit */
    atomic_size_t held;
    atomic_bool overflown;
};

/* All units are selected. */
void collection_init(struct collection *collection, const struct cube *cube);
void collection_release(struct collection *collection);

struct record_chunk;
struct records {
    struct record_chunk *chunks;
    size_t count;
};

/* One thread's values. Those of `single` belong to the inner cell alone and count for all cells it is part
 * of; those of `several` belong to just the cell named. */
struct collector {
    struct collection *collection;
    struct collector_series {
        struct records single, several;
        uint64_t *counts; /* per period */
    } * series;
};

void collector_init(struct collector *collector, struct collection *collection, const struct cube *cube);
void collector_release(struct collector *collector);

/* Is any unit of the table and period selected? */
bool collector_wants(const struct collector *collector, size_t table, uint32_t period);

/* Takes the cell of one person (sealed) for all series of its table. `index`: of the cell that the value
 * belongs to. */
void collector_add(struct collector *collector, size_t table, uint32_t period, const struct cell *cell, uint32_t index,
                   bool single);

/* Puts remap[index] in place of every index. */
void records_remap(struct records *records, const uint32_t *remap);

/* Adds to counts[index] for every record; then moves the values to out[next[index]++] and frees the records.
 */
void records_count(const struct records *records, size_t *counts);
void records_move(struct records *records, size_t *next, int64_t *out);
void records_release(struct records *records);

#endif
