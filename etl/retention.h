/* The end of the data (P5): what is past its term is deleted, unless a hold covers it; then it is marked and out of
 * statistics and surveys until the hold is released.
 *
 * One transaction; it costs what it touches. A late night catches up. With a case goes what only it needed: its person
 * when it was the last, with all identifiers and links; labels that no case has; tombstones that have expired. */
#ifndef ETL_RETENTION_H
#define ETL_RETENTION_H

#include "etl/case_table.h"
#include "etl/term.h"

struct retention {
    const struct store *store;
    const struct case_tables *tables;
    struct term term;
    int32_t today;
    bool dry_run;        /* counts all and changes nothing */
};

enum retention_reason {
    RETENTION_TERM,      /* past its term */
    RETENTION_RELEASED,  /* no longer held */
    RETENTION_HELD,      /* past its term, but held: kept and marked */
    RETENTION_REASONS,
};
const char *retention_reason_name(enum retention_reason reason);

struct retention_month {
    int year, month;     /* of closing */
    uint64_t cases[RETENTION_REASONS];
};

struct retention_report {
    struct retention_month *months; /* ascending */
    size_t month_count, month_capacity;
    uint64_t cases[RETENTION_REASONS];
    uint64_t persons, identifiers, labels, tombstones;
};

int retention_run(const struct retention *retention, struct retention_report *report, struct err *err);
void retention_report_release(struct retention_report *report);

#endif
