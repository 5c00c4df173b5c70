/* Mixtures: a table between two witnesses is possible, too. Where a knower can rule out both, because they change what
 * the knower knows in opposite ways, a mixture of the two may leave that as it is and still lift the member. It need not be written
 * down: it agrees with all that its two witnesses agree with. */
#ifndef STATS_PROTECT_MIX_H
#define STATS_PROTECT_MIX_H

#include "stats/protect/audit.h"

/* Settles the doubts of open members that a mixture can settle; of knowers of several things only if `several`: that takes longer
 * than the linear programs, where many doubts are left. */
void mix_settle(struct audit *audit, bool several);

#endif
