/* Mixtures: a table between two witnesses is possible, too. Where a knower can rule out both, because they change what
 * the knower knows in opposite ways, a mixture of the two may leave that as it is and still lift the member. It is a witness
 * like any other, in exact fractions where the two are. */
#ifndef STATS_PROTECT_MIX_H
#define STATS_PROTECT_MIX_H

#include "stats/protect/audit.h"

/* Adds the mixtures that settle doubts of open members. */
void mix_settle(struct audit *audit, const struct system *system);

#endif
