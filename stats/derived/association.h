/* Does the choice depend on the group? For each group of a table with `share_of` and each dimension that divides it: the table
 * of its subgroups × categories, tested by chi-square, Cramér's V with interval, a permutation test where expected counts
 * are small, Cochran-Mantel-Haenszel over the periods, and Kruskal-Wallis where the categories are bands of a number
 * (preferences/<table>_tests.csv).
 *
 * Only categories of the outermost level that are published, or known to be empty, in every subgroup and period are told apart;
 * what is left of each subgroup's total is one more category. */
#ifndef STATS_DERIVED_ASSOCIATION_H
#define STATS_DERIVED_ASSOCIATION_H

#include "stats/derived/derived_config.h"
#include "stats/derived/panel.h"

void association_add(struct release *to, const struct panel *panel, const struct derived_spec *spec);

#endif
