/* From the store to a release: cases → cube → protection → released tables. Only periods that are over are in it. */
#ifndef STATS_PUBLISH_H
#define STATS_PUBLISH_H

#include "core/calendar.h"
#include "core/db.h"
#include "stats/known.h"
#include "stats/protection_report.h"
#include "stats/release.h"
#include "stats/schedule.h"
#include "stats/table_config.h"

#define PUBLISH_PROTECTION "counts, contributors, sums, means, deviations and shares audited as one system, for readers and contributors; quantiles by rule"

struct publish_request {
    const struct table_config *tables;
    const char *name;          /* of the release: its folder */
    const char *program;       /* version */
    const char *config_digest; /* hex */
    int64_t as_of;
    const struct zone *zone; /* decides which day the instant belongs to */
    size_t threads;          /* 0: the processors online */
    const char *source;      /* only the tables of this source; NULL: all, without `protect_only` */
    const struct table_config *protect_only; /* more tables of the source: nothing of them is built, but their cells are protected; may be NULL */
    const struct schedule_span *days; /* only cases closed on these days; NULL: all */
    struct protection_report *report; /* lines are added; NULL: none is wanted */
};

/* Cells that come after others of the same cases. */
struct publish_later {
    struct known *known;      /* what readers know already; its problem says why nothing can be added to it */
    const struct schedule_span *uncounted; /* days whose cases no release has marked yet; of the others only marked ones count */
    size_t uncounted_count;
    /* Whether the table may publish the period that begins on that day. */
    bool (*may_publish)(const void *context, const struct table_spec *spec, int32_t first_day);
    const void *context;
    bool look_only;           /* find the problem, if there is one, and build nothing */
    /* Called for each cell that what is known gives away by itself: table version, period's first day, labels as JSON. */
    int (*on_lost)(void *context, int64_t version, int32_t first_day, const char *cell, struct err *err);
    void *lost_context;
};

/* Builds the tables of one source for the days of the request, as what is known already allows. The release has none of them
 * if there is a problem. The periods of all tables, known ones too, lie within the days. */
int publish_build_later(struct db *cases, const struct publish_request *request, struct publish_later *later,
                        struct release **release, struct err *err);

/* Builds one release of all tables. The same cases and the same request give the same release. Nothing may write to the
 * database meanwhile. */
int publish_build(struct db *cases, const struct publish_request *request, struct release **release, struct err *err);

#endif
