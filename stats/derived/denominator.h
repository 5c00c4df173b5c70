/* Exposure: orders, customers, parcels, by period and some of a table's dimensions, from a CSV that the operator provides.
 * Rates beat counts: 20 % more cases on 25 % more orders is good news. The file has the table's period column, any of
 * its dimension columns, and one more column that holds the number. A dimension column that the file does not have
 * does not matter; in those that it has, `(total)` is looked up as written, else the rows below it are added up, where
 * the file has all that are published. */
#ifndef STATS_DERIVED_DENOMINATOR_H
#define STATS_DERIVED_DENOMINATOR_H

#include "core/err.h"
#include "core/mem.h"
#include "stats/derived/panel.h"

struct denominator_data;

struct denominator {
    const char *name;   /* becomes part of the figure: cases_per_<name> */
    const char *file;   /* relative to the workspace */
    const char *column; /* that holds the exposure */
    double per;         /* the rate is cases per so many */
    struct denominator_data *data;
};

/* ERR_NOINPUT, ERR_DATA: names file, line and column, never a cell's content. */
int denominator_read(struct denominator *denominator, const char *folder, struct err *err);
void denominator_free(struct denominator *denominator);

/* After a read: has the file the table's period and no other column than its dimensions? ERR_DATA. */
int denominator_fits(const struct denominator *denominator, const struct released_table *table, struct err *err);

/* The exposure of a line in a period, NAN where the file does not say. */
double denominator_exposure(const struct denominator *denominator, const struct panel *panel, size_t line,
                            size_t period);

#endif
