/* Dimensions as trees. Node 0 is the total; below it level 1 .. `levels`, the leaves at the bottom. Nodes are
 * numbered in output order (preorder; siblings by position, then by label in code point order), so that
 * ascending node numbers are the order of rows, and a subtree is the range node .. nodes[node].last.
 *
 * A tree is built from entries in any order (a parent before its children), rare labels may be merged, and
 * finished into a dimension. Labels that the output reserves, `(total)` and `(withheld)`, never become nodes:
 * they go where rare labels go. Period dimensions are derived from a day; see period.h. */
#ifndef STATS_DOMAIN_H
#define STATS_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

#define DOMAIN_TOTAL_LABEL    "(total)"
#define DOMAIN_WITHHELD_LABEL "(withheld)"
#define DOMAIN_OTHER_LABEL    "(other)"
#define DOMAIN_MISSING_LABEL  "(missing)"

struct domain_node {
    const char *label;
    uint32_t parent; /* the total's: itself */
    uint32_t last;   /* the greatest node of its subtree */
    uint32_t level;
};

struct dimension {
    const char *name;
    size_t levels;
    const char *const *columns; /* a name for each level, outermost first */
    const struct domain_node *nodes;
    uint32_t count;
    bool open;           /* it may have values that a reader never saw: (missing), (other), and what no configuration names */
    const int32_t *last_day; /* period dimensions: per node the last day of the period; else NULL */
};

#define TREE_ROOT     0u
#define TREE_BY_LABEL INT64_MAX /* no position: after those with one, by label */

struct tree_entry {
    const char *label;
    uint32_t parent, level;
    int64_t position;
    bool named; /* the configuration names the label: it may be published however rare it is */
};

struct tree {
    struct arena arena;
    struct tree_entry *entries; /* 0 is the root */
    size_t count, capacity;
    uint32_t *slots; /* hash of (parent, label): entry, or 0 */
    size_t mask;
};

void tree_init(struct tree *tree);
void tree_release(struct tree *tree);

/* The entry of that parent and label, made if it is not there (named if it is named in any call). */
uint32_t tree_add(struct tree *tree, uint32_t parent, const char *label, int64_t position, bool named);

/* Makes `out` (not initialised) of `tree` with every entry that is not named and that fewer than `k` persons
 * have merged into the entry `(other)` beside it. persons: per entry. image: per entry, the entry in `out`.
 */
void tree_merge_rare(const struct tree *tree, const uint64_t *persons, uint64_t k, struct tree *out, uint32_t *image);

/* Fills nodes and count of `dimension` from the arena. node_of: per entry, its node. */
void tree_finish(const struct tree *tree, struct arena *arena, struct dimension *dimension, uint32_t *node_of);

#endif
