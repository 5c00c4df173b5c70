/* The inside of a configuration, for core/config*.c alone. */
#ifndef CORE_CONFIG_TREE_H
#define CORE_CONFIG_TREE_H

#include "core/config.h"
#include "core/mem.h"

struct config_found_problem {
    int line, column;
    const char *text; /* "file:line:column: problem" */
};

struct config {
    struct arena arena; /* owns all below but the array of problems */
    const char *name;
    struct config_node *root;
    struct config_found_problem *problems; /* sorted by place; at the same place in the order of finding */
    size_t count, capacity;
};

struct config *config_new(const char *name);

#endif
