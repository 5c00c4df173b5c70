/* The tables of one source on their way through the cube. For stats/publish*.c alone. */
#ifndef STATS_PUBLISH_WORK_H
#define STATS_PUBLISH_WORK_H

#include "stats/case_source.h"
#include "stats/cube.h"
#include "stats/protected.h"
#include "stats/publish.h"

struct publish_work {
    struct arena arena;
    const struct table_config *config, *protect_only;
    const struct table_spec **specs; /* what is known, what is asked for, what is only protected */
    size_t spec_count, asked_end;
    const struct table_dimension **dimensions; /* each once */
    size_t dimension_count;
    const char **measures; /* each once */
    const struct table_measure **measure_specs;
    size_t measure_count;
    struct case_source *cases;
    struct cube_plan plan;
    struct cube *cube;
    struct publish_later *later; /* NULL: nothing is known; else its tables are the first of specs */
    struct protected_table *shown;
    size_t shown_count;
    struct protection_report *report;
    int32_t today;
};

/* The tables of the request that are to be protected only. */
const struct table_config *publish_work_to_protect(const struct publish_request *request);

/* Gathers what `config`, `protect_only` and `later` name of the source, and counts. The work is released by the caller, also after a failure. */
int publish_work_build(struct publish_work *work, struct db *db, const struct publish_request *request, const char *source, struct err *err);
void publish_work_release(struct publish_work *work);

/* Finds what readers know in the cube. */
void publish_work_match(struct publish_work *work);

#endif
