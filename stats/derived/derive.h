/* What is derived from a release's tables and added to it: preferences, expectations, trends, drivers, findings. Everything comes
 * from released cells (and from the denominators that the operator provides), so that it can reveal nothing that the release does
 * not: each part takes a panel of a const released table and nothing else. */
#ifndef STATS_DERIVED_DERIVE_H
#define STATS_DERIVED_DERIVE_H

#include "stats/derived/derived_config.h"
#include "stats/release.h"

/* After the last table has been added and before the release is written. Tables of the folder "tables" whose first column is a
 * period are looked at; the configuration says more of those that it knows. */
void derive_tables(struct release *release, const struct derived_config *config);

#endif
