/* Protection by threshold alone: every cell with 1 <= persons < k is withheld, and likewise every measure with too few
 * contributors. What is left of a published cell along a dimension, once the largest published cells below it are taken
 * away, holds no person or at least k; where it would hold fewer, the smallest of those is withheld too, or if there is none
 * the cell itself, until nothing changes. It does not withstand combinations of several equations: that is the work of
 * stats/protect/. */
#ifndef STATS_THRESHOLD_H
#define STATS_THRESHOLD_H

#include "stats/protected.h"
#include "stats/protection.h"

/* allowed: per table, what may be published at all; NULL: everything. tables: one per table of the cube, not initialised; released by the caller on success. Reads the rows once more if
 * distinct persons of several cells decide. */
int threshold_protect(const struct cube *cube, const struct row_source *rows, const struct protection_pattern *allowed,
                      struct protected_table *tables, struct err *err);

#endif
