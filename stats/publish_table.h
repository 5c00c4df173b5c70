/* One protected table as rows of a release (DESIGN 6): a column for each hierarchy level, the cases, then for each
 * measure its number of values, its figures and its status. Rows in order: periods, then dimensions outermost first, in
 * each of them `(total)` first and `(withheld)` last. */
#ifndef STATS_PUBLISH_TABLE_H
#define STATS_PUBLISH_TABLE_H

#include "stats/case_source.h"
#include "stats/protected.h"
#include "stats/release.h"

struct publish_table {
    const struct table_spec *spec;
    const struct case_measure *measures; /* of the source; cube->plan says which is which */
    const struct cube_table *cube;
    const struct protected_table *result;
    int64_t k;
    int32_t today; /* periods that end on it or later are left out */
};

void publish_add_table(struct release *release, const struct publish_table *table);

/* How many columns the table has, and the row of one cell: one value per column; returns how many. */
size_t publish_table_width(const struct publish_table *table);
size_t publish_table_values(const struct publish_table *table, uint32_t cell, struct released_value *values);

#endif
