/* A CSV file of microdata, or of cells already counted, as records for a table: in which values each lies, whose it is, how
 * many cases and what amounts it brings.
 *
 * Input that cannot be right is refused as a whole with "file:line: column 'name': problem"; never a cell's content. Records of
 * the same values and person are added up while reading, so that memory follows the cells and persons, not the rows. */
#ifndef STATS_TABULATE_TABULATE_H
#define STATS_TABULATE_TABULATE_H

#include "core/csvread.h"
#include "stats/tabulate/hierarchy.h"
#include "stats/tabulate/impossible.h"

enum { TABULATE_MAX_SUMS = 16, TABULATE_MAX_DECIMALS = 9 };
/* Cases, and amounts in units of their last decimal place, add up to no more: half of WITNESS_MOST. */
#define TABULATE_MOST (INT64_C(1) << 38)

struct tabulate_plan {
    const char *path;                 /* "-": standard input */
    struct csvread_options reading;
    char point;                       /* decimal point of amounts */
    const char *total;                /* label of totals */
    const char *const *by;            /* columns */
    const char *const *hierarchies;   /* per column of `by`: its file, or NULL */
    size_t by_count;
    const char *freq, *person;        /* columns, or NULL: a row is a case; each case is a person */
    const char *const *sums;          /* columns */
    size_t sum_count;
    const char *structural_zeros;     /* file, or NULL */
};

struct tabulate_amount {
    int64_t amount;  /* in units of the last decimal place */
    uint32_t values; /* rows that had one */
};

struct tabulation {
    struct hierarchy dimensions[CROSS_MAX_DIMENSIONS];
    size_t dimension_count, sum_count;
    struct cross_record *records;    /* leaves are codes */
    struct tabulate_amount *amounts; /* per record: sum_count */
    size_t record_count, capacity;
    int decimals[TABULATE_MAX_SUMS];
    int64_t amount_total[TABULATE_MAX_SUMS], case_total;
    uint64_t row_count;
    struct labels persons;
    struct impossible_list impossible;
};

/* ERR_NOINPUT, ERR_DATA (also for cases where the plan says there cannot be any), ERR_IO. Call tabulation_release() also after an error. */
int tabulation_read(struct tabulation *tabulation, const struct tabulate_plan *plan, struct err *err);
void tabulation_release(struct tabulation *tabulation);

#endif
