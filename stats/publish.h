/* From the store to a release: cases → cube → protection → released tables. Only periods that are over are in it. */
#ifndef STATS_PUBLISH_H
#define STATS_PUBLISH_H

#include "core/calendar.h"
#include "core/db.h"
#include "stats/release.h"
#include "stats/schedule.h"
#include "stats/table_config.h"

#define PUBLISH_PROTECTION "counts audited; sums and the contributor's view not yet: do not publish"

struct publish_request {
    const struct table_config *tables;
    const char *name;          /* of the release: its folder */
    const char *program;       /* version */
    const char *config_digest; /* hex */
    int64_t as_of;
    const struct zone *zone; /* decides which day the instant belongs to */
    size_t threads;          /* 0: the processors online */
    const char *source;      /* only the tables of this source; NULL: all */
    const struct schedule_span *days; /* only cases closed on these days; NULL: all */
};

/* Builds one release of all tables. The same cases and the same request give the same release. Nothing may write to the
 * database meanwhile. */
int publish_build(struct db *cases, const struct publish_request *request, struct release **release, struct err *err);

#endif
