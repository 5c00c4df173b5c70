/* Secondary suppression by Gaussian elimination: Langsrud, "Secondary Cell Suppression by Gaussian Elimination: An Algorithm
 * Suitable for Handling Issues with Zeros and Singletons", PSD 2024; R package GaussSuppression.
 *
 * Candidates are taken publish-first. One that is a linear combination of what is published is published; one whose
 * publication would make a member known is withheld; else it is published and eliminated from all others. So no member
 * is ever in the span of what is published. Persons alone in their cells know those cells: rows of such singletons are pivots last,
 * and a candidate that would be a function of singletons alone is withheld. */
#ifndef STATS_PROTECT_ELIMINATE_H
#define STATS_PROTECT_ELIMINATE_H

#include "core/err.h"
#include "stats/protect/primary.h"

/* Adds to `withheld` (per cell; what is not 0 already is no candidate) the rule for what must be withheld, and to
 * `protects` the member that it is withheld for (PROTECT_NONE where none can be named). Members that are exposed by
 * earlier publications and equations alone are marked lost. ERR_INTERNAL if the two primes disagree: then nothing
 * can be said, and nothing may be published. */
int eliminate(const struct protect_problem *problem, const struct protect_options *options,
              struct protect_members *members, unsigned *withheld, uint32_t *protects, struct err *err);

#endif
