/* Takes a hierarchy in which values may have several parents apart into axes: trees, in each of which every leaf stands
 * once. The children of a value that share a leaf go to different axes; a leaf that an axis leaves out stands in it directly under
 * the value. Which of the possible axes come out matters for remainders only: sums are over leaves in any case. */
#ifndef STATS_TABULATE_AXES_H
#define STATS_TABULATE_AXES_H

#include "stats/tabulate/hierarchy.h"

/* Wants code_count, leaf and edges (of codes, by parent, then child; each once); makes axes. ERR_DATA: a circle, too
 * many levels or groupings, or too large. */
int axes_find(struct hierarchy *hierarchy, struct err *err);
void axes_release(struct cross_axis *axes, size_t count);

#endif
