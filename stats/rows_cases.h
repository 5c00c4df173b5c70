/* Rows out of case_<source>. Parts are ranges of the primary key that begin at a person. */
#ifndef STATS_ROWS_CASES_H
#define STATS_ROWS_CASES_H

#include <stdbool.h>

#include "core/db.h"
#include "stats/rows.h"
#include "stats/schedule.h"

struct code_node {      /* what a code of the dictionary stands for */
    uint32_t dimension; /* index in rows_cases.dimensions + 1; 0: none of them */
    uint32_t node;
};

struct rows_dimension {
    const char *column;     /* "d_<name>", "closed_day", "opened_day"; NULL: every row has the missing value */
    const uint32_t *of_day; /* for days: node by day since PERIOD_FIRST_DAY; else NULL */
    uint32_t missing;       /* node for NULL */
};

/* All of it is the caller's and lives as long as the source. */
struct rows_cases {
    const char *path, *table; /* table NULL: there are no rows */
    const struct rows_dimension *dimensions;
    size_t dimension_count;
    const char *const *measures; /* columns "m_<name>"; NULL: no row has a value */
    size_t measure_count;
    const struct code_node *codes;
    size_t code_count;
    const struct schedule_span *days; /* only cases closed on these days; NULL: all */
    bool counted;                     /* only cases that a release has counted, or closed on these days: */
    const struct schedule_span *uncounted;
    size_t uncounted_count;
    int64_t first_person, last_person;
    struct row_source source;
};

/* Finds the key range and fills in `source`; the fields above are set. */
int rows_cases_init(struct rows_cases *rows, struct db *db, struct err *err);

#endif
