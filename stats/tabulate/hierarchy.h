/* A dimension of a CSV file: its values, and what they add up to.
 *
 * Without a hierarchy the values are those met in the data, and add up to the total. A hierarchy file has the header
 * `child,parent` and a line for each step, of any depth; the total's label stands for the top, and so does having no parent. A
 * child may have several parents: groupings of the same values that overlap. They are taken apart into *axes*, in each of which every
 * value is counted once; a value that a grouping leaves out stands beside its groups.
 *
 * After hierarchy_finish() every value has a code: 0 is the total, the others follow in byte order of their labels. */
#ifndef STATS_TABULATE_HIERARCHY_H
#define STATS_TABULATE_HIERARCHY_H

#include "core/err.h"
#include "stats/protect/cross.h"
#include "stats/tabulate/labels.h"

enum { HIERARCHY_MAX_AXES = 64, HIERARCHY_MAX_LEVELS = 64 };

struct hierarchy_edge {
    uint32_t child, parent;
};

struct hierarchy {
    char *path;              /* of its file; NULL: values come from the data */
    const char *total;       /* the caller's */
    struct labels labels;    /* label 0: the total */
    bool *is_parent;         /* per label of the file */
    struct hierarchy_edge *edges; /* of labels; of codes after hierarchy_finish() */
    size_t edge_count, edge_capacity;

    /* by hierarchy_finish() */
    uint32_t code_count;
    uint32_t *code_of;       /* per label */
    const char **label_of;   /* per code */
    bool *leaf;              /* per code */
    struct cross_axis *axes;
    size_t axis_count;
};

void hierarchy_init(struct hierarchy *hierarchy, const char *total);
void hierarchy_release(struct hierarchy *hierarchy);

/* ERR_NOINPUT, ERR_DATA with file:line. */
int hierarchy_read(struct hierarchy *hierarchy, const char *path, struct err *err);

/* Numbers the label of a value in the data, or says what is wrong with it: no content, for a message. */
const char *hierarchy_meet(struct hierarchy *hierarchy, const char *text, uint32_t *label);

/* ERR_DATA: a circle, too many levels or groupings. */
int hierarchy_finish(struct hierarchy *hierarchy, struct err *err);

struct cross_dimension hierarchy_dimension(const struct hierarchy *hierarchy);

#endif
