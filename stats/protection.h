/* Protection of the tables of a source against a reader who combines all that is published of a period: the adapter between
 * the cube and the engine in stats/protect/ (PROTECTION 1 to 5).
 *
 * Periods are disjoint, so each is a system of its own. In it every table has its own unknowns, and equations say that the margins
 * that two tables share are equal; that says all there is to say while the tables form a tree of shared margins, so
 * others are refused. */
#ifndef STATS_PROTECTION_H
#define STATS_PROTECTION_H

#include "stats/case_source.h"
#include "stats/cube.h"
#include "stats/protected.h"
#include "stats/protection_report.h"
#include "stats/table_config.h"

struct protection_counts { /* of all periods, for the checker */
    uint64_t cells, primary, secondary, repaired, lost;
    uint64_t coarsened;    /* times that a table lost its last dimension in a period, because it was too large or not safe with it */
    uint64_t joint;        /* figures withheld because of what other figures tell of them */
    uint64_t iterations;   /* of the simplex method */
    struct protection_report *report; /* NULL: none is wanted */
};

struct protection_pattern { /* of one table: what may be published */
    bool *cells;    /* per cell */
    bool *measures; /* per cell and measure of the table; its contributors are a frequency table of their own */
    const struct protected_table *earlier; /* not NULL: what readers know of the table already; nothing of it is decided */
    uint64_t earlier_k;                    /* with `earlier`: the least k that any of it was published with */
    bool *lost;                            /* with `earlier`, per cell: what is known gives it away by itself */
    bool *common;        /* per cell: readers have it from the survey's other source, so it comes first; NULL: none */
    bool *waived;        /* per cell: its own rules do not count, where it has k persons; NULL: none is */
    const bool *periods;                   /* per node of the table's period: may it be published? NULL: all */
    bool protect_only;                     /* its cells are not asked for, but protected where they can be */
};

/* Tables to be protected only are left out of a period whose cells would be too many with them, and where their dimensions and the
 * others' form a cycle; the report notes the former.
 *
 * With tables that readers know already (`earlier`) all rows are of one period: of the longest of the tables' periods. Shorter
 * ones within it are an axis of every table, so that a quarter is the sum of its months.
 *
 * Decides what may be published of each table of the cube; the arrays, all false, are the caller's. Reads the rows
 * once per period, and once more for each measure. ERR_CONFIG if the tables' shared margins form a cycle,
 * ERR_DATA if a table is too large or has cases where the configuration says there cannot be any, ERR_INTERNAL if the engine cannot vouch for its result: nothing may be
 * published then. */
int protection_decide(const struct cube *cube, const struct row_source *rows, const struct table_spec *const *specs,
                      const struct case_measure *measures, const struct protection_pattern *patterns,
                      struct protection_counts *counts, struct err *err);

#endif
