/* One pass over the rows, person by person: for each table and period in which a person has cases, the
 * visitor gets that person's inner cells, sealed (see cell.h), in ascending order of their keys. */
#ifndef STATS_SCAN_H
#define STATS_SCAN_H

#include "stats/cube.h"
#include "stats/parallel.h"

struct scan_group {
    size_t table;
    struct cell *const *cells;
    size_t count; /* at least 1 */
};

/* `state` is the calling thread's own. */
typedef int (*scan_visit)(void *state, const struct scan_group *group, struct err *err);

struct scan_range { /* of period nodes: from <= node < to */
    uint32_t from, to;
};

struct scan {
    const struct cube *cube;
    const struct row_source *rows;
    const struct scan_range *ranges; /* per table: rows of other periods are left out; NULL: all of them */
    scan_visit visit;
    void *const *states; /* one for each thread */
};

int scan_run(const struct scan *scan, size_t threads, struct err *err);

/* For visitors: a person's cells joined and sealed for every cell that the group is part of, in no order.
 * True: overflow. */
bool scan_expand(const struct layout *layout, const struct scan_group *group, cell_key *ancestors,
                 struct cellmap *touched);

/* The error for an overflow. */
int scan_overflow(struct err *err);

#endif
