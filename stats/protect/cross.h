/* One table as part of a problem: the cross of its dimensions with every level and margin.
 *
 * A dimension has codes: 0 is the total, the others are leaves and groups. An *axis* is one hierarchy over them: the
 * parent of each code (0 at the top). A dimension may have several hierarchies over the same leaves, each an axis that holds every
 * leaf; a code may stand in several. */
#ifndef STATS_PROTECT_CROSS_H
#define STATS_PROTECT_CROSS_H

#include "core/err.h"
#include "stats/protect/problem.h"

enum { CROSS_MAX_DIMENSIONS = 16 };
#define CROSS_NOT_HERE UINT32_MAX

struct cross_axis {
    const uint32_t *parent; /* per code; CROSS_NOT_HERE: not in this hierarchy; ignored for code 0 */
};
struct cross_dimension {
    uint32_t code_count;
    const bool *leaf;       /* per code */
    const struct cross_axis *axes;
    size_t axis_count;
    bool sensitive;
};

/* A contribution with the leaves it lies in. */
struct cross_record {
    uint32_t leaves[CROSS_MAX_DIMENSIONS];
    uint32_t person, cases;
};

struct cross {
    const struct cross_dimension *dimensions;
    size_t dimension_count;
    const struct cross_record *records; /* any order; measures' values are the caller's, see record_of */
    size_t record_count;
    bool zeros;                         /* combinations without a case are unknowns too */
    /* Combinations that cannot be, or NULL: they are no unknowns. */
    bool (*impossible)(const void *context, const uint32_t *leaves);
    const void *context;
    uint64_t tables;                    /* bit of the table, for its cells */
    uint32_t first_axis;                /* number of its first axis; they are counted up from there */
};

/* What stands where in the problem. */
struct cross_map {
    size_t dimension_count;
    uint32_t first_cell, cell_count;    /* cells of this table in the problem, in ascending order of codes */
    uint32_t *codes;                    /* per cell: dimension_count codes */
    uint32_t *contribution_of;          /* per record: index into the problem's contributions */
};

/* More combinations than this in one table are refused. */
enum { CROSS_MAX_UNKNOWNS = 20 * 1000 * 1000 };

/* Adds unknowns, contributions, cells with cases, and families to the problem. Records of the same leaves and person
 * become one contribution. ERR_DATA if the table is too large. */
int cross_build(const struct cross *cross, struct protect_problem *problem, struct cross_map *map, struct err *err);
void cross_map_release(struct cross_map *map);

#endif
