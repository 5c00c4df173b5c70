/* Mixtures: a table between two witnesses is possible, too. Where a knower can rule out both, because they change what
 * the knower knows in opposite ways, a mixture of the two may leave that as it is and still lift the member. */
#ifndef STATS_PROTECT_MIX_H
#define STATS_PROTECT_MIX_H

#include "stats/protect/audit.h"

/* Settles what doubts it can, and adds the mixtures to the audit. */
void mix_settle(struct audit *audit);
/* Takes the mixtures found earlier into account for doubts that began anew. */
void mix_recall(struct audit *audit);
/* Whether the mixture does what it is there for; looks at the witnesses alone. */
bool mix_holds(const struct audit *audit, const struct mixture *mixture);

#endif
