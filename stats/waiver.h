/* Waivers: published cells that the rules on dominance, on shared categories and on the ends of a range would withhold, because those
 * concerned agreed, or for a reason as good (`protection.waivers`). Each has a name, a reason, somebody answerable and a last day, and
 * stands in the checker's report. A waiver is no leave for less than k persons, nor to expose another cell. */
#ifndef STATS_WAIVER_H
#define STATS_WAIVER_H

#include "core/config.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/cube.h"

struct table_spec;

struct waiver_value {
    const char *dimension, *value;
};

struct waiver {
    const char *name, *reason, *person, *table;
    const char *period;  /* NULL: each */
    const char *expires; /* the last day on which it counts, as 2026-12-31 */
    const struct waiver_value *values; /* of the cell; it is a total in the other dimensions */
    size_t value_count;
};

struct waivers {
    const struct waiver *list;
    size_t count;
};

/* Problems go to config_problem(). The texts are the configuration's. */
void waivers_compile(struct waivers *waivers, struct arena *arena, struct config *config);

/* Sets waived[] for the table's cells that a waiver of that day is for. */
void waivers_mark(const struct waivers *waivers, const struct table_spec *spec, const struct cube_table *table, int32_t today, bool *waived);

/* A line for each cell of each of the table's waivers, and what became of it, as CSV. */
struct waiver_report {
    const struct table_spec *spec;
    const struct cube_table *table;
    const bool *published; /* per cell */
    int32_t today;
    uint64_t k;
};
void waivers_tell(const struct waivers *waivers, const struct waiver_report *report, struct strbuf *out);

#endif
