/* Which periods of a table count, by its total: see artefact.h. */
#ifndef STATS_DERIVED_TREND_USABLE_H
#define STATS_DERIVED_TREND_USABLE_H

#include "stats/derived/span.h"
#include "stats/method/artefact.h"

struct trend_usable {
    struct span span;
    struct artefact end, beginning; /* .found; their periods count from the panel's first */
};

struct trend_usable trend_usable_of(const struct panel *panel);

/* "", "end_falls_off", "beginning_incomplete" or both. */
const char *trend_usable_warning(const struct trend_usable *usable);

#endif
