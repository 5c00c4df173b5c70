/* Disclosure control for one table of any CSV file: which of its cells, and of the sums in them, may be published.
 *
 * Counts are protected first; a sum is published only where its count is, and sums are protected as a table of amounts of their
 * own, whose contributors are the persons with a value; then all of them together (disclosure_joint.h). */
#ifndef STATS_TABULATE_DISCLOSURE_H
#define STATS_TABULATE_DISCLOSURE_H

#include "stats/protect/protect.h"
#include "stats/tabulate/tabulate.h"

/* Larger tables are refused: combinations of values of all levels, and inner cells counted once for each cell they are in. */
enum { DISCLOSURE_MAX_CELLS = 2000000, DISCLOSURE_MAX_MEMBERS = 20000000 };

enum disclosure_status { DISCLOSURE_PUBLISHED, DISCLOSURE_PRIMARY, DISCLOSURE_SECONDARY };
enum { DISCLOSURE_STATUSES = 3 };
const char *disclosure_status_name(enum disclosure_status status);

/* Counts, or one sum. */
struct disclosure_figure {
    struct protect_problem problem;
    struct protect_result result;
    struct cross_map map;
    size_t of_status[DISCLOSURE_STATUSES];
};

struct disclosure {
    const struct tabulation *tabulation;
    struct disclosure_figure counts, sums[TABULATE_MAX_SUMS];
    bool zeros_public;
    size_t zero_cells; /* with public zeros: combinations without a case, all published */
};

/* Both sets of options with the same k and zeros. ERR_DATA: too large, or nothing that is safe was found. */
int disclosure_run(struct disclosure *disclosure, const struct tabulation *tabulation,
                   const struct protect_options *counts, const struct protect_options *sums, struct err *err);
void disclosure_release(struct disclosure *disclosure);

enum disclosure_status disclosure_status(const struct disclosure_figure *figure, uint32_t cell);
int64_t disclosure_value(const struct disclosure_figure *figure, uint32_t cell);

/* One row per cell, in ascending order of codes: dimensions, `cases` and its `status`, then for each sum `NAME_sum` and
 * `NAME_status`. `publish`: without statuses, withheld rows and withheld sums. */
struct strbuf;
void disclosure_write(const struct disclosure *disclosure, const struct tabulate_plan *plan, bool publish,
                      struct strbuf *out);

#endif
