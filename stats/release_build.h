/* How a release is made: for stats/ alone (`make lint` enforces it), after threshold, protection, audit and ledger.
 * What is handed in is copied. A release is built once, table by table, row by row, and read-only from then on. What
 * contradicts the rules below is a BUG: it would be published.
 *
 *   table: a NAME ([a-z][a-z0-9_]*), once per folder; folder: one of release.h's;
 *   columns: a NAME each, once; in tables/ the dimensions come first and `cases` follows them;
 *   values: texts are UTF-8 without NUL; decimals are finite. */
#ifndef STATS_RELEASE_BUILD_H
#define STATS_RELEASE_BUILD_H

#include "stats/release.h"

struct release_build {
    const char *name; /* [0-9a-z-]+ */
    int64_t as_of;
    int64_t k;
    const char *program;
    const char *config_digest; /* hex */
    const char *protection;    /* one sentence */
    const char *structural_zeros; /* JSON (structural_json()), or NULL */
};

struct released_build {
    const char *folder, *name, *title;
    int64_t version;
    const struct released_column *columns;
    size_t column_count;
    const char *source; /* whose cases it counts; NULL: not of one alone */
};

struct release *release_new(const struct release_build *build);

/* The table lives as long as the release. */
struct released_table *release_add_table(struct release *release, const struct released_build *build);

/* One value per column; of a value that is present only the member of the column's type counts. */
void release_add_row(struct release *release, struct released_table *table, const struct released_value *values);

#endif
