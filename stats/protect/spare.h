/* What is withheld for nothing. A cell that no witness changes may be published: all witnesses stay possible, so all that they
 * prove stays proved. Each cell that follows from what is published anyway is one of these. */
#ifndef STATS_PROTECT_SPARE_H
#define STATS_PROTECT_SPARE_H

#include "stats/protect/audit.h"

/* Takes such cells, but no primary one, back from `withheld` and `protects`; returns how many. New rows join new contributors with
 * members: search again. */
size_t spare_publish(const struct audit *audit, unsigned *withheld, uint32_t *protects);

#endif
