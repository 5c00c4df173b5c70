/* How many persons have each value of the dimensions, as far as k matters: for labels that may not be shown.
 */
#ifndef STATS_RARE_H
#define STATS_RARE_H

#include <stdbool.h>

#include "stats/domain.h"
#include "stats/rows.h"

/* rows: their nodes are entries of the trees; trees[d] NULL: the dimension is not counted. persons[d]:
 * zeroed; per entry: exact below k, else k or more, as for entries that are named. */
int rare_count(const struct row_source *rows, const struct tree *const *trees, uint64_t k, size_t threads,
               uint64_t *const *persons, struct err *err);

/* Is there an entry that is not named? Else nothing needs counting. */
bool rare_is_possible(const struct tree *tree);

#endif
