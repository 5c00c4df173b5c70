/* Structural zeros of a table: a CSV file whose header names dimensions, with a combination of values in each line, empty for any.
 * A value may be of any level and means all below it. A reader is taken to know that nothing lies there. */
#ifndef STATS_TABULATE_IMPOSSIBLE_H
#define STATS_TABULATE_IMPOSSIBLE_H

#include "stats/tabulate/hierarchy.h"

struct tabulation;

struct impossible_list {
    bool **marks; /* combination after combination, per dimension of the table: per code, NULL where any will do */
    size_t count, capacity, dimensions;
};

/* For finished hierarchies, `by` their columns. ERR_NOINPUT, ERR_DATA with file:line. */
int impossible_list_read(struct impossible_list *list, const struct tabulation *tabulation, const char *const *by, const char *path,
                         struct err *err);
void impossible_list_release(struct impossible_list *list);

/* For struct cross, the list being its context. */
bool impossible_list_has(const void *list, const uint32_t *leaves);

#endif
