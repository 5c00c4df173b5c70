/* Preferences of a table with `share_of`: in each group of the other dimensions the share of each category, with its Wilson
 * interval, its index against the parent group and its adjusted residual (preferences/<table>.csv). Cells that are not
 * published are missing; a row rests on the periods in which the cell, its group and both their parents are published. */
#ifndef STATS_DERIVED_PREFERENCE_H
#define STATS_DERIVED_PREFERENCE_H

#include "stats/derived/findings.h"

void preference_add(struct release *to, const struct panel *panel, const struct derived_spec *spec,
                    struct findings *findings);

/* Index of the dimension that the spec shares out, or PANEL_NONE. */
size_t preference_dimension(const struct panel *panel, const struct derived_spec *spec);
/* The line of the group that a category line belongs to; PANEL_NONE for a group itself. */
size_t preference_group(const struct panel *panel, size_t line, size_t share_of);
/* The line one level up along the last dimension that is not summed over, other than `except`; PANEL_NONE for a total. */
size_t preference_parent(const struct panel *panel, size_t line, size_t except);

#endif
