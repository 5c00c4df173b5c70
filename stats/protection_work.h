/* What the files of the adapter share: the tables of one period and layer at work. For stats/protection*.c alone. */
#ifndef STATS_PROTECTION_WORK_H
#define STATS_PROTECTION_WORK_H

#include "stats/protect/protect.h"
#include "stats/protection.h"
#include "stats/protection_links.h"
#include "stats/protection_rows.h"

#define NO_AXIS PERIOD_ANY

struct work {
    const struct cube *cube;
    const struct row_source *rows;
    const struct table_spec *const *specs;
    const struct case_measure *measures; /* of the source */
    const struct protection_pattern *patterns;
    struct protection_counts *counts;
    struct layer layer;
    struct period_rows period;
    struct codes *codes;               /* per dimension of the source */
    struct protection_table *tables;   /* those of the period's dimension */
    size_t *table_of, table_count;     /* which table of the cube each is */
    size_t axis;                       /* the shortest period, where it is an axis of all tables; else NO_AXIS: one period alone */
    size_t (*axes)[LAYOUT_MAX_DIMENSIONS]; /* per table: its dimensions then */
};

/* Where the pattern says whether the cell may be published in this layer; NULL: it is not asked for, or its count is withheld. */
bool *protection_place(const struct work *work, size_t t, uint32_t period, uint32_t cell);

/* Would the figures of a measure tell of nearly everybody's values? */
bool protection_implies_category(const struct case_measure *measure, const struct table_measure *spec, const struct cell_sum *sum, uint64_t k);

/* The problem of the rows that were read, with the tables' maps. */
int protection_build(struct work *work, uint32_t period, struct protect_problem *problem, struct err *err);
/* Takes the result into patterns and counts. */
void protection_take(const struct work *work, uint32_t period, const struct protect_problem *problem, const struct protect_result *result);

/* Notes that the table has just lost its last dimension. */
void protection_tell_coarsened(const struct work *work, uint32_t period, size_t t);

/* Adds a result to the checker's report; `milliseconds` it took. */
void protection_tell(const struct work *work, uint32_t period, const struct protect_problem *problem, const struct protect_result *result,
                     int64_t milliseconds);

#endif
