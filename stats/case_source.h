/* One source's cases in cases.db as the cube takes them: its dimensions, its measures, its rows. Cases that
 * are held beyond their term are left out. Labels that fewer than k persons have, and that the configuration
 * does not name, are merged into `(other)`.
 *
 * Nothing may write to the database while it is read: every reader has a connection of its own. */
#ifndef STATS_CASE_SOURCE_H
#define STATS_CASE_SOURCE_H

#include "core/db.h"
#include "stats/domain.h"
#include "stats/rows.h"
#include "stats/schedule.h"
#include "stats/table_config.h"

struct case_measure {
    const char *unit; /* or NULL */
    int decimals;
    bool is_bounded;         /* a score: all values are within lowest .. highest */
    int64_t lowest, highest; /* scaled */
};

struct case_request {
    const char *source;
    const struct table_dimension *const *dimensions;
    size_t dimension_count;
    const char *const *measures;
    size_t measure_count;
    uint64_t k;
    const struct schedule_span *days; /* only cases closed on these days; NULL: all. Labels are rare among all cases */
    bool counted; /* only cases that a release has counted, or closed on these days: */
    const struct schedule_span *uncounted;
    size_t uncounted_count;
    /* Labels that may be shown however rare they are; NULL: none. */
    bool (*may_show)(const void *context, const char *dimension, const char *label);
    const void *context;
    size_t threads; /* 0: the processors online */
};

struct case_source;

/* A source that was never read has no rows. ERR_DATA: the store holds what it cannot hold. */
int case_source_open(struct case_source **cases, struct db *db, const struct case_request *request, struct err *err);
void case_source_free(struct case_source *cases);

/* In the order of the request. */
const struct dimension *case_source_dimensions(const struct case_source *cases);
const struct case_measure *case_source_measures(const struct case_source *cases);
const struct row_source *case_source_rows(const struct case_source *cases);

#endif
