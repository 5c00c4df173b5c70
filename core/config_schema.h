/* The rules of all tables as one tree that runs in parallel to a configuration, for core/config_check.c and config_doc.c. */
#ifndef CORE_CONFIG_SCHEMA_H
#define CORE_CONFIG_SCHEMA_H

#include "core/config.h"
#include "core/mem.h"

enum { SCHEMA_MAX_ALTERNATIVES = 4 };

struct schema {
    const char *segment; /* a key, "*" (any name), "**" (any text as key) or "[]" (a list's element) */
    const char *path;    /* the whole path down to here; "" at the root */
    const struct config_rule *rules[SCHEMA_MAX_ALTERNATIVES]; /* alternatives, in order */
    size_t rule_count;              /* 0: no rule of its own, the kind follows from the children */
    struct schema *children, *next; /* in order of first appearance */
};

/* Builds the tree in the arena. A path that cannot be right is a BUG. */
struct schema *schema_build(struct arena *arena, const struct config_rule *const *tables);

const struct schema *schema_child(const struct schema *schema, const char *segment);

#endif
