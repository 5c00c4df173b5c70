/* What readers know of a survey's source from its counterpart. An invitation that ended as `complete` is an answer: so the tables of
 * dispositions count what the tables of answers count, though each source is protected by itself and their periods are not the same.
 *
 * Law: tables of answers are safe for whoever knows how many answered in each group, and tables of dispositions for whoever knows how many
 * of each group completed. These are the sums that the two have in common; whoever has both learns nothing of one from the other.
 *
 * Only groups of k and more are taken for known, as answers come in batches of k and more of a group; where groups of fewer are in a
 * period, they would follow from the others and a total. So then the groups of one table alone are taken, or with earlier
 * publications none. */
#ifndef STATS_COUNTERPART_H
#define STATS_COUNTERPART_H

#include "stats/cube.h"
#include "stats/table_config.h"

#define COUNTERPART_COMPLETE "complete"

struct counterpart_table {
    const struct table_spec *spec;
    const struct cube_table *cube;
    bool *known; /* per cell, false; out */
};

/* Has the table dimensions of a survey? */
bool counterpart_is_of_survey(const struct table_spec *spec);
/* Marks the cells of the tables, all of one source and counterpart_is_of_survey(). `later`: they come after other publications. */
void counterpart_mark(const struct counterpart_table *tables, size_t count, uint64_t k, bool later);

#endif
