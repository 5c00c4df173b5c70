/* The counts of a group's subgroups × categories, per period of a span, from released cells alone. */
#ifndef STATS_DERIVED_CROSSTAB_H
#define STATS_DERIVED_CROSSTAB_H

#include "stats/derived/span.h"
#include "stats/method/contingency.h"

/* Some cells are withheld, so that not all subgroups and categories can be told apart: subgroups of which too much is
 * withheld are one row together (the group less the others), and categories are told apart that are published, or known to
 * be empty, in every row and period. Of all choices that keep the subgroups of which most is known, the one with the most
 * cells. */
struct crosstab {
    size_t group_count;            /* rows; the subgroups together, where there are such, are the last */
    size_t category_count;         /* told apart; column category_count is the rest */
    size_t *periods, period_count; /* those in which the group is published */
    double *counts;                /* per period: group_count × (category_count + 1) */
    double *sums;                  /* over the periods */
};

/* `group` is a line without a category; `divide` the dimension of its subgroups; `share_of` that of the categories. */
void crosstab_init(struct crosstab *crosstab, const struct panel *panel, struct span span, size_t group,
                   const size_t dimensions[2]);
void crosstab_clear(struct crosstab *crosstab);

struct contingency crosstab_sum(const struct crosstab *crosstab);
struct contingency crosstab_period(const struct crosstab *crosstab, size_t i);

#endif
