/* What a survey's answers, dispositions and holdout have in common. An invitation that ended as `complete` is an answer: so the tables of dispositions
 * count what the tables of answers count, though each source is protected by itself and their periods are not the same. What one withholds
 * to protect something else, the other may show. And the invited of a holdout are the invitations of the dispositions.
 *
 * So in all of them these groups are published before all else, and other cells are withheld around them: of answers how many answered in each
 * group, of dispositions how many completed, of a holdout how many were invited. Withheld they hide nothing from whoever has the others. */
#ifndef STATS_COUNTERPART_H
#define STATS_COUNTERPART_H

#include "stats/cube.h"
#include "stats/table_config.h"

#define COUNTERPART_COMPLETE "complete"
#define COUNTERPART_INVITED "invited"

/* Has the table such groups? */
bool counterpart_is_of_survey(const struct table_spec *spec);
/* Sets common[] for those of k persons and more. */
void counterpart_mark(const struct table_spec *spec, const struct cube_table *table, uint64_t k, bool *common);

#endif
