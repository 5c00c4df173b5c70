/* Means by group: each group against the rest of its parent group, by Welch's t where standard deviations are published
 * (preferences/<table>_means.csv). The rest is the parent's published values less the group's. */
#ifndef STATS_DERIVED_MEANS_H
#define STATS_DERIVED_MEANS_H

#include "stats/derived/panel.h"

void means_add(struct release *to, const struct panel *panel);

#endif
