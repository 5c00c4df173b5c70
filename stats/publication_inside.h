/* What the files of the publication share. */
#ifndef STATS_PUBLICATION_INSIDE_H
#define STATS_PUBLICATION_INSIDE_H

#include "stats/publication.h"
#include "stats/publish.h"

bool publication_is_first_of_source(const struct table_config *tables, size_t t);

/* The frozen periods of a source, ascending; the list is the caller's to free. */
struct publication_frozen {
    struct schedule_span span;
    enum period_kind kind;
};
struct publication_frozen_list {
    struct publication_frozen *list;
    size_t count, capacity;
};
int publication_load_frozen(const struct publication *publication, const char *source, struct publication_frozen_list *frozen,
                            struct err *err);

/* 1 and the first and last day of closing of the source's cases, 0 if there are none. */
int publication_find_days(const struct publication *publication, const char *source, struct schedule_span *days, struct err *err);

/* A request for `tables` of one source and some days. */
struct publish_request publication_request(const struct publication *publication, const struct table_config *tables, const char *source,
                                           const struct schedule_span *days);

/* Of the configured tables by quarter those that have combinations which the `base` tables, by month and of one source, lack: as tables by
 * month, to be protected only. Its arena is the caller's to release. */
void publication_longer(const struct publication *publication, const struct table_config *base, struct table_config *longer);

/* Stages the rows of the table's periods that begin on those days, out of what was built. */
int publication_stage_table(const struct publication *publication, const struct table_spec *spec, const struct release *built,
                            const int32_t *first_days, size_t count, struct err *err);

/* Builds and stages what comes later; adds the number of periods of tables that were published. Fills in the problems of
 * those that were not. */
int publication_stage_laters(const struct publication *publication, const struct publication_periods *periods,
                             struct publication_laters *laters, size_t *published, struct err *err);

#endif
