/* Values collected for quantiles. A series is a measure with quantiles of a table; a unit is a series in one period. Of
 * each person a unit gets a group: the sum and number of values in each inner cell that the person has in the period. From
 * groups the person's value in any cell above can be told.
 *
 * Records are packed, some seven bytes each, and held within a budget: as soon as it is passed, nothing is held but
 * counting goes on, so that the units can be spread over further passes, in each of which a run of units is selected. */
#ifndef STATS_COLLECT_H
#define STATS_COLLECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/scan.h"

struct series {
    size_t table, m;   /* table and its measure */
    uint32_t periods;  /* nodes of its period dimension */
    uint32_t from, to; /* periods selected in this pass: from <= period < to */
    uint64_t *bytes;   /* per period: of its records, once the first pass is over */
};

struct collection {
    struct series *list;
    size_t count;
    size_t *first;             /* per table, and one past the last: its slice of list */
    struct scan_range *ranges; /* per table: periods in which any of its series is selected */
    size_t tables;
    size_t budget; /* bytes */
    bool planned; /* a later pass: what is selected fits, or is a single unit */
    atomic_size_t held;
    atomic_bool overflown;
};

/* All units are selected. */
void collection_init(struct collection *collection, const struct cube *cube);
void collection_release(struct collection *collection);

/* Selects the next run of units, beginning at (*series, *period), that fits the budget; false if there are none left. */
bool collection_select(struct collection *collection, size_t *series, uint32_t *period);

struct record {
    uint32_t cell; /* index of the inner cell */
    uint32_t n;
    bool goes_on; /* the next record is the same person's */
    int64_t sum;
};

struct record_chunk {
    struct record_chunk *next;
    size_t used, capacity;
    unsigned char bytes[]; /* whole groups */
};

/* One thread's records. */
struct collector {
    struct collection *collection;
    struct unit_records {
        struct record_chunk *chunks;
        uint64_t bytes;
    } * *units;       /* per series, per period */
    uint32_t **remap; /* per table: what an index in a record stands for; NULL: itself */
};

void collector_init(struct collector *collector, struct collection *collection);
void collector_release(struct collector *collector);

/* Is any series of the table selected in the period? */
bool collector_wants(const struct collector *collector, size_t table, uint32_t period);

/* Takes a person's inner cells for all series of the table; indices: of the cells, in the group's order. */
void collector_add(struct collector *collector, const struct scan_group *group, uint32_t period,
                   const uint32_t *indices);

/* From now on remap[index] stands for every index of the table that records hold; it is the collector's. */
void collector_remap(struct collector *collector, size_t table, uint32_t *remap);

/* Takes the record at *at and moves on; false at the chunk's end. `*at` is 0 at first. */
bool record_next(const struct record_chunk *chunk, size_t *at, struct record *out);

#endif
