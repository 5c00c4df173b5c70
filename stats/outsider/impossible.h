/* Combinations of values that a reader knows to be empty, because the publisher says that they cannot be (structural zeros): in
 * datapackage.json under `fallzahl:structural_zeros`, or in a CSV file that names dimensions in its header and has a value of each,
 * or nothing for any, in a line per combination. */
#ifndef STATS_OUTSIDER_IMPOSSIBLE_H
#define STATS_OUTSIDER_IMPOSSIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "stats/outsider/space.h"

/* A value of one dimension, at any level, with all below it. */
struct impossible_value {
    char *dimension, *value;
};

/* All values of a combination are in one list, values of one dimension side by side: any of these. */
struct impossible_combination {
    struct impossible_value *values;
    size_t count, capacity;
};

/* A zeroed struct is empty. */
struct impossibles {
    struct impossible_combination *list;
    size_t count, capacity;
};

void impossibles_release(struct impossibles *impossibles);

/* Begins a combination; impossible_add() gives it values. */
void impossible_begin(struct impossibles *impossibles);
void impossible_add(struct impossibles *impossibles, const char *dimension, const char *value);

/* ERR_NOINPUT, ERR_DATA with file:line. */
int impossible_read(struct impossibles *impossibles, const char *path, struct err *err);

/* The nodes of each dimension of a finished space that a combination means: marks[d] per node, NULL where any will do. False if
 * the space lacks one of its dimensions: then it says nothing. The marks are the caller's to free. */
bool impossible_mark(const struct impossible_combination *combination, const struct space *space, bool *marks[SPACE_MAX_DIMENSIONS]);

#endif
