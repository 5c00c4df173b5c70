/* Structural zeros: combinations of values that the configuration declares impossible (`protection.structural_zeros`). A
 * reader knows them to be empty, so that they hide nothing (PROTECTION 2). Compiled with the tables, valid as long. */
#ifndef STATS_STRUCTURAL_H
#define STATS_STRUCTURAL_H

#include <stddef.h>

#include "core/config.h"
#include "core/mem.h"
#include "core/strbuf.h"

/* One dimension's part of a combination: any of these values, at whatever level of its hierarchy, with all below them. */
struct structural_part {
    const char *dimension;
    const char *const *values;
    size_t value_count;
};

/* Whatever lies in all parts cannot be. */
struct structural_zero {
    const char *source;
    const struct structural_part *parts;
    size_t part_count;
};

struct structural_zeros {
    const struct structural_zero *list;
    size_t count;
};

/* Problems go to config_problem(). */
void structural_compile(struct structural_zeros *zeros, struct arena *arena, struct config *config);

/* As JSON, for datapackage.json: [{"source": "shop", "values": {"brand": ["a"], "channel": ["x", "y"]}}, …]; nothing is added if there
 * is none. */
void structural_json(const struct structural_zeros *zeros, struct strbuf *json);

#endif
