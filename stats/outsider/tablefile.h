/* One published CSV file into a publication. */
#ifndef STATS_OUTSIDER_TABLEFILE_H
#define STATS_OUTSIDER_TABLEFILE_H

#include "core/csvread.h"
#include "stats/outsider/package.h"
#include "stats/outsider/publication.h"

struct tablefile_source {
    const char *path;
    const char *package_path;      /* as datapackage.json names it */
    const struct package *package; /* or NULL */
    size_t release;
};

/* Adds the file as the last table, or to the ignored ones if it has no count column. */
int tablefile_read(struct publication *publication, const struct tablefile_source *source, struct err *err);

#endif
