/* The engine from a problem to a safe pattern: primary rules, elimination, remainders, audit, repair, certificate. */
#ifndef STATS_PROTECTION_ENGINE_H
#define STATS_PROTECTION_ENGINE_H

#include "stats/protect/options.h"
#include "stats/protect/problem.h"
#include "stats/protection.h"

/* Fills `withheld` (per cell: 0, or the rules for which it is withheld). Tables with a cell that cannot be made safe within the budget are
 * dropped whole, and the rest is done again. ERR_INTERNAL: nothing may be published. */
int protection_run(struct protect_problem *problem, const struct protect_options *options, unsigned *withheld,
                   struct protection_counts *counts, struct err *err);

#endif
