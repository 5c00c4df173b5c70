/* The protection of one problem: primary rules, elimination, remainders, audit, repair, certificate. Fails closed:
 * what is not proved safe is withheld, table by table; when nothing can be proved the result withholds everything.
 *
 * The result is a function of problem and options. It is the caller's duty to publish nothing else: cells with `withheld` 0, and the
 * remainders that protect_remainder() gives. */
#ifndef STATS_PROTECT_PROTECT_H
#define STATS_PROTECT_PROTECT_H

#include "core/err.h"
#include "stats/protect/audit.h"

struct protect_report {
    size_t primary, eliminated, remainders, repaired; /* cells withheld for each reason, the first that applied */
    size_t members, members_lost, members_fractional; /* fractional: proved by tables of fractions alone */
    size_t open_before_repair, cells_before_audit, spared; /* spared: withheld first, and published again */
    size_t rounds;                                     /* of search and repair */
    uint64_t iterations, budget;                       /* of the simplex */
    size_t solves, witnesses, mixtures;
    uint64_t dropped_tables;                           /* bits */
};

struct protect_result {
    unsigned *withheld;     /* per cell: 0, or the rules (PROTECT_…) for which it has no row */
    bool *withheld_before_audit; /* per cell */
    uint32_t *protects;     /* per cell: the member that it is withheld for, or PROTECT_NONE */
    struct protect_members members;
    struct audit_range *ranges; /* per member: proved, as changes from the truth; NULL without an audit */
    bool *reached;              /* per unknown: it is above zero, or the audit knows of a table in which it is; NULL without an audit */
    struct protect_report report;
};

int protect_run(const struct protect_problem *problem, const struct protect_options *options,
                struct protect_result *result, struct err *err);
void protect_result_release(struct protect_result *result);

/* What a reader of the published rows computes below a published parent; a row `(withheld)` along the family's axis. */
struct protect_remainder {
    uint32_t family;
    int64_t cases;
};
/* The remainders that hold cases, in order of families; the caller frees the list. */
struct protect_remainder *protect_list_remainders(const struct protect_problem *problem, const unsigned *withheld,
                                                  size_t *count);

#endif
