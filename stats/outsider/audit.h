/* The audit from outside: what a reader can work out from published tables alone (PROTECTION 5). It shares no code with
 * the protection that it checks. */
#ifndef STATS_OUTSIDER_AUDIT_H
#define STATS_OUTSIDER_AUDIT_H

#include "core/err.h"
#include "stats/outsider/lattice.h"
#include "stats/outsider/publication.h"
#include "stats/outsider/verdict.h"

struct audit {
    struct lattice lattice;
    struct verdicts verdicts;
    struct interval_statistics statistics;
    size_t edition_count;
    size_t absent;     /* cells that a table could show and does not */
    size_t iterations; /* of the simplex method */
};

/* Audits what was read. ERR_DATA when nothing can be said: too large, or figures that contradict each other; then
 * `audit` needs no release. Dimensions of the publication's space are opened where its figures need it. */
int audit_run(struct audit *audit, struct publication *publication, const struct solve_options *options,
              struct err *err);
void outsider_release(struct audit *audit);

#endif
