/* The outsider's picture of the dimensions: which values each one has, and which of them add up to which.
 *
 * Node 0 of a dimension is its total. Every other node is a value that was seen in a published table or in a hierarchy
 * file. A node with parts is the sum of its parts; one without is a leaf. Three kinds of dimension:
 *   path:   one column per level, outermost first; a node is the path of its values, its parts the paths that go on;
 *   coded:  one column that holds codes of every level; which code is under which comes from a hierarchy file. A code
 *           may have several parents (two groupings of the same regions); a node whose children overlap is the sum of
 *           its leaves;
 *   period: months, quarters, years in the calendar's notation; one dimension for all of them.
 *
 * The reader is taken to know the values of a dimension: those in the tables and in hierarchy files. Where the package says that
 * there may be more, or published figures prove it (all known values published, and the parent is larger), the dimension is opened:
 * every node with parts has one further, unseen one. */
#ifndef STATS_OUTSIDER_SPACE_H
#define STATS_OUTSIDER_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/strbuf.h"
#include "stats/outsider/names.h"

enum { SPACE_TOTAL = 0, SPACE_MAX_DIMENSIONS = 32, SPACE_MAX_LEVELS = 16 };
#define SPACE_PATH_SEPARATOR '\x1f'

enum space_kind { SPACE_PATH, SPACE_CODED, SPACE_PERIOD };

struct space_node {
    uint32_t *parts;
    size_t part_count, part_capacity;
    unsigned level; /* 0 the total; path: number of values; period: SPACE_YEAR … ; coded: 1 */
    bool unseen;
};
enum { SPACE_YEAR = 1, SPACE_QUARTER, SPACE_MONTH, SPACE_WEEK, SPACE_OTHER_PERIOD };

struct space_edge {
    uint32_t child, parent;
};

struct space_dimension {
    char *name;
    enum space_kind kind;
    bool open;
    struct names keys;        /* key i is that of node i */
    struct space_node *nodes; /* valid after space_finish() */
    size_t node_count;
    struct space_edge *edges; /* of a coded dimension */
    size_t edge_count, edge_capacity;
};

/* A zeroed struct is an empty space. */
struct space {
    struct space_dimension dimensions[SPACE_MAX_DIMENSIONS];
    size_t count;
};

/* The dimension of that name, added with that kind if it is new. ERR_DATA when there are too many. */
int space_dimension(struct space *space, const char *name, enum space_kind kind, size_t *dimension, struct err *err);
int64_t space_find(const struct space *space, const char *name); /* NAMES_NONE if there is none */

/* The node with that key, added if it is new. Key of a path: its values joined by the separator; "" is the total. */
uint32_t space_node(struct space_dimension *dimension, const char *key);

/* The level of a period ("2026" year, "2026-Q1", "2026-01", "2026-W05"); else other period. */
unsigned space_period_level(const char *text);

/* Reads "child,parent" for a coded dimension; `total` as a parent is node 0. ERR_DATA for a circle or a missing
 * column. */
int space_read_hierarchy(struct space *space, const char *name, const char *path, const char *total, struct err *err);

/* Makes paths of a coded dimension's codes, each under its parent: for tables that have a column per level. ERR_DATA
 * if a code has several parents. */
int space_make_paths(struct space_dimension *dimension, struct err *err);

/* Works out levels and parts. May be called again after values came in or dimensions were opened. The nodes of unseen
 * values come after those that have a key. */
void space_finish(struct space *space);

/* Adds what the reader calls the node: "EU/DE", `total`, "(unseen)". */
void space_label(const struct space_dimension *dimension, uint32_t node, const char *total, struct strbuf *out);

void space_release(struct space *space);

#endif
