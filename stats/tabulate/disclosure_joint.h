/* Counts and sums of one table as one system. Each is protected by itself before; who has all of them knows in addition that where there is an
 * amount there is a case: so a sum can show that a cell which hides small ones is not empty. For stats/tabulate/disclosure.c alone. */
#ifndef STATS_TABULATE_DISCLOSURE_JOINT_H
#define STATS_TABULATE_DISCLOSURE_JOINT_H

#include "stats/tabulate/disclosure.h"

/* Withholds sums until no withheld count is known too closely with them; what cannot be proved is published with one sum less. Then judges the
 * sums again by themselves, each zero wherever the counts say that there is no case. Counts stay as they are. */
int disclosure_join(struct disclosure *disclosure, const struct protect_options *counts, const struct protect_options *sums, struct err *err);

#endif
