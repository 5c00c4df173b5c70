#include "stats/outsider/space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/csvread.h"
#include "core/mem.h"

int64_t space_find(const struct space *space, const char *name)
{
    for (size_t d = 0; d < space->count; d++)
        if (strcmp(space->dimensions[d].name, name) == 0)
            return (int64_t)d;
    return NAMES_NONE;
}

int space_dimension(struct space *space, const char *name, enum space_kind kind, size_t *dimension, struct err *err)
{
    int64_t found = space_find(space, name);
    if (found == NAMES_NONE && space->count == SPACE_MAX_DIMENSIONS)
        return err_set(err, ERR_DATA, "more than %d dimensions", SPACE_MAX_DIMENSIONS);
    if (found == NAMES_NONE) {
        struct space_dimension *added = &space->dimensions[space->count];
        *added = (struct space_dimension){ .name = mem_strdup(name), .kind = kind };
        names_add(&added->keys, "");
        found = (int64_t)space->count++;
    }
    *dimension = (size_t)found;
    return 0;
}

uint32_t space_node(struct space_dimension *dimension, const char *key)
{
    const char *end = dimension->kind == SPACE_PATH ? strrchr(key, SPACE_PATH_SEPARATOR) : NULL;
    if (end && names_find(&dimension->keys, key) == NAMES_NONE) {
        char *parent = mem_strndup(key, (size_t)(end - key));
        space_node(dimension, parent);
        free(parent);
    }
    return (uint32_t)names_add(&dimension->keys, key);
}

static bool digits(const char *text, size_t count)
{
    return strspn(text, "0123456789") >= count;
}

unsigned space_period_level(const char *text)
{
    size_t length = strlen(text);
    if (length == 4 && digits(text, 4))
        return SPACE_YEAR;
    if (length < 7 || !digits(text, 4) || text[4] != '-')
        return SPACE_OTHER_PERIOD;
    if (length == 7 && text[5] == 'Q' && text[6] >= '1' && text[6] <= '4')
        return SPACE_QUARTER;
    if (length == 7 && digits(text + 5, 2))
        return SPACE_MONTH;
    return length == 8 && text[5] == 'W' && digits(text + 6, 2) ? SPACE_WEEK : SPACE_OTHER_PERIOD;
}

static void add_part(struct space_node *whole, uint32_t part)
{
    MEM_GROW(whole->parts, whole->part_count, whole->part_capacity);
    whole->parts[whole->part_count++] = part;
}

static void finish_path(struct space_dimension *dimension)
{
    for (uint32_t n = 1; n < dimension->keys.count; n++) {
        const char *key = dimension->keys.text[n], *end = strrchr(key, SPACE_PATH_SEPARATOR);
        char *parent = mem_strndup(key, end ? (size_t)(end - key) : 0);
        int64_t whole = names_find(&dimension->keys, parent);
        BUG_ON(whole < 0 || whole >= (int64_t)n); /* prefixes are added first */
        dimension->nodes[n].level = dimension->nodes[whole].level + 1;
        add_part(&dimension->nodes[whole], n);
        free(parent);
    }
}

/* Marks the leaves under a node; how many were not marked yet. A leaf counts itself. */
static size_t mark_leaves(const struct space_dimension *dimension, uint32_t node, bool *marks)
{
    size_t found = 0;
    bool leaf = true;
    for (size_t e = 0; e < dimension->edge_count; e++)
        if (dimension->edges[e].parent == node) {
            leaf = false;
            found += mark_leaves(dimension, dimension->edges[e].child, marks);
        }
    if (!leaf || marks[node])
        return found;
    marks[node] = true;
    return 1;
}

/* Parts of a coded node: its children if no two share a leaf, else its leaves. */
static void finish_coded_node(struct space_dimension *dimension, uint32_t node, bool *marks)
{
    struct space_node *whole = &dimension->nodes[node];
    memset(marks, 0, dimension->keys.count);
    size_t together = 0, alone = 0;
    bool *own = mem_zalloc(dimension->keys.count, sizeof *own);
    for (size_t e = 0; e < dimension->edge_count; e++) {
        if (dimension->edges[e].parent != node)
            continue;
        memset(own, 0, dimension->keys.count);
        together += mark_leaves(dimension, dimension->edges[e].child, marks);
        alone += mark_leaves(dimension, dimension->edges[e].child, own);
        add_part(whole, dimension->edges[e].child);
    }
    free(own);
    if (together == alone)
        return;
    whole->part_count = 0;
    for (uint32_t n = 1; n < dimension->keys.count; n++)
        if (marks[n])
            add_part(whole, n);
}

static void add_edge(struct space_dimension *dimension, uint32_t child, uint32_t parent)
{
    MEM_GROW(dimension->edges, dimension->edge_count, dimension->edge_capacity);
    dimension->edges[dimension->edge_count++] = (struct space_edge){ child, parent };
}

/* What has no parent is under the total. */
static void finish_coded(struct space_dimension *dimension)
{
    bool *marks = mem_zalloc(dimension->keys.count, sizeof *marks);
    for (size_t e = 0; e < dimension->edge_count; e++)
        marks[dimension->edges[e].child] = true;
    for (uint32_t n = 1; n < dimension->keys.count; n++)
        if (!marks[n])
            add_edge(dimension, n, SPACE_TOTAL);
    for (uint32_t n = 0; n < dimension->keys.count; n++) {
        dimension->nodes[n].level = n != SPACE_TOTAL;
        finish_coded_node(dimension, n, marks);
    }
    free(marks);
}

static bool has_level(const struct space_dimension *dimension, unsigned level)
{
    for (uint32_t n = 1; n < dimension->keys.count; n++)
        if (space_period_level(dimension->keys.text[n]) == level)
            return true;
    return false;
}

/* Adds the `count` parts of each period of a level, if there are parts of that kind at all. */
static void complete_periods(struct space_dimension *dimension, unsigned level, unsigned part, int count)
{
    if (!has_level(dimension, part))
        return;
    char key[32];
    for (uint32_t n = 1; n < dimension->keys.count; n++) {
        const char *text = dimension->keys.text[n];
        if (space_period_level(text) != level)
            continue;
        int first = level == SPACE_QUARTER ? (text[6] - '1') * 3 + 1 : 1;
        for (int i = first; i < first + count; i++) {
            snprintf(key, sizeof key, part == SPACE_QUARTER ? "%.4s-Q%d" : "%.4s-%02d", text, i);
            space_node(dimension, key);
        }
    }
}

/* The node that a period is a part of: a month's quarter, a quarter's year, where there are such; else the total. */
static uint32_t period_parent(const struct space_dimension *dimension, const char *text)
{
    char key[32];
    int64_t parent = NAMES_NONE;
    unsigned level = space_period_level(text);
    if (level == SPACE_MONTH) {
        snprintf(key, sizeof key, "%.4s-Q%ld", text, (strtol(text + 5, NULL, 10) + 2) / 3);
        parent = names_find(&dimension->keys, key);
    }
    if (parent == NAMES_NONE && (level == SPACE_MONTH || level == SPACE_QUARTER)) {
        snprintf(key, sizeof key, "%.4s", text);
        parent = names_find(&dimension->keys, key);
    }
    return parent == NAMES_NONE ? SPACE_TOTAL : (uint32_t)parent;
}

static void finish_period(struct space_dimension *dimension)
{
    for (uint32_t n = 1; n < dimension->keys.count; n++) {
        dimension->nodes[n].level = space_period_level(dimension->keys.text[n]);
        add_part(&dimension->nodes[period_parent(dimension, dimension->keys.text[n])], n);
    }
}

/* Gives every node with parts one more, beyond the keys. */
static void open_nodes(struct space_dimension *dimension)
{
    size_t known = dimension->node_count;
    dimension->nodes = mem_resize(dimension->nodes, known * 2, sizeof *dimension->nodes);
    for (size_t n = 0; n < known; n++) {
        if (dimension->nodes[n].part_count == 0)
            continue;
        size_t added = dimension->node_count++;
        dimension->nodes[added] = (struct space_node){ .level = dimension->nodes[n].level + 1, .unseen = true };
        add_part(&dimension->nodes[n], (uint32_t)added);
    }
}

static void clear_nodes(struct space_dimension *dimension)
{
    for (size_t n = 0; n < dimension->node_count; n++)
        free(dimension->nodes[n].parts);
    free(dimension->nodes);
    dimension->nodes = NULL;
    dimension->node_count = 0;
}

static void finish_dimension(struct space_dimension *dimension)
{
    clear_nodes(dimension);
    if (dimension->kind == SPACE_PERIOD) {
        complete_periods(dimension, SPACE_YEAR, SPACE_QUARTER, 4);
        complete_periods(dimension, SPACE_QUARTER, SPACE_MONTH, 3);
        if (!has_level(dimension, SPACE_QUARTER))
            complete_periods(dimension, SPACE_YEAR, SPACE_MONTH, 12);
    }
    dimension->node_count = dimension->keys.count;
    dimension->nodes = mem_zalloc(dimension->node_count, sizeof *dimension->nodes);
    if (dimension->kind == SPACE_PATH)
        finish_path(dimension);
    else if (dimension->kind == SPACE_CODED)
        finish_coded(dimension);
    else
        finish_period(dimension);
    if (dimension->open && dimension->kind != SPACE_PERIOD)
        open_nodes(dimension);
}

/* Whether following children ever comes back: levels that still grow after as many rounds as there are nodes. */
static bool goes_round(const struct space_dimension *dimension)
{
    size_t *level = mem_zalloc(dimension->keys.count, sizeof *level);
    bool grows = true;
    for (size_t round = 0; grows && round <= dimension->keys.count; round++) {
        grows = false;
        for (size_t e = 0; e < dimension->edge_count; e++) {
            struct space_edge edge = dimension->edges[e];
            if (level[edge.child] > level[edge.parent])
                continue;
            level[edge.child] = level[edge.parent] + 1;
            grows = true;
        }
    }
    free(level);
    return grows;
}

static int read_edges(struct space_dimension *dimension, struct csvread *reader, const char *total, struct err *err)
{
    int child = csvread_column(reader, "child"), parent = csvread_column(reader, "parent");
    if (child < 0 || parent < 0)
        return err_set(err, ERR_DATA, "hierarchy of '%s' has no column '%s'", dimension->name,
                       child < 0 ? "child" : "parent");
    struct csv_record record;
    int code;
    while ((code = csvread_next(reader, &record, err)) == 1) {
        if (record.count <= (size_t)child || record.count <= (size_t)parent)
            return err_set(err, ERR_DATA, "hierarchy of '%s', line %llu: too few fields", dimension->name,
                           (unsigned long long)record.line);
        const char *above = record.fields[parent].text;
        add_edge(dimension, space_node(dimension, record.fields[child].text),
                 strcmp(above, total) == 0 ? SPACE_TOTAL : space_node(dimension, above));
    }
    if (code == 0 && goes_round(dimension))
        return err_set(err, ERR_DATA, "hierarchy of '%s' goes round in a circle", dimension->name);
    return code;
}

int space_read_hierarchy(struct space *space, const char *name, const char *path, const char *total, struct err *err)
{
    size_t dimension;
    struct csvread *reader;
    int code = space_dimension(space, name, SPACE_CODED, &dimension, err);
    if (!code)
        code = csvread_open(&reader, path, NULL, err);
    if (code)
        return code;
    code = read_edges(&space->dimensions[dimension], reader, total, err);
    csvread_free(reader);
    return code;
}

/* The path of a code: its parents' codes from the top. The depth is limited: read_edges() let no circle through. */
static void add_path(const struct space_dimension *coded, const uint32_t *parent, uint32_t node, struct strbuf *path)
{
    if (parent[node] != SPACE_TOTAL) {
        add_path(coded, parent, parent[node], path);
        strbuf_addc(path, SPACE_PATH_SEPARATOR);
    }
    strbuf_adds(path, coded->keys.text[node]);
}

int space_make_paths(struct space_dimension *dimension, struct err *err)
{
    uint32_t *parent = mem_zalloc(dimension->keys.count, sizeof *parent);
    for (size_t e = 0; e < dimension->edge_count; e++) {
        struct space_edge edge = dimension->edges[e];
        if (parent[edge.child] != SPACE_TOTAL && parent[edge.child] != edge.parent) {
            free(parent);
            return err_set(err, ERR_DATA, "hierarchy of '%s': a code under two parents cannot be in columns of levels",
                           dimension->name);
        }
        parent[edge.child] = edge.parent;
    }
    struct space_dimension paths = { .name = dimension->name, .kind = SPACE_PATH };
    names_add(&paths.keys, "");
    for (uint32_t n = 1; n < dimension->keys.count; n++) {
        struct strbuf path = { 0 };
        add_path(dimension, parent, n, &path);
        space_node(&paths, strbuf_text(&path));
        strbuf_release(&path);
    }
    free(parent);
    clear_nodes(dimension);
    free(dimension->edges);
    names_release(&dimension->keys);
    *dimension = paths;
    return 0;
}

void space_label(const struct space_dimension *dimension, uint32_t node, const char *total, struct strbuf *out)
{
    if (node == SPACE_TOTAL) {
        strbuf_adds(out, total);
        return;
    }
    const char *key = node < dimension->keys.count ? dimension->keys.text[node] : "(unseen)";
    for (; *key; key++)
        strbuf_addc(out, *key == SPACE_PATH_SEPARATOR ? '/' : *key);
}

void space_finish(struct space *space)
{
    for (size_t d = 0; d < space->count; d++)
        finish_dimension(&space->dimensions[d]);
}

void space_release(struct space *space)
{
    for (size_t d = 0; d < space->count; d++) {
        clear_nodes(&space->dimensions[d]);
        free(space->dimensions[d].edges);
        names_release(&space->dimensions[d].keys);
        free(space->dimensions[d].name);
    }
    *space = (struct space){ 0 };
}
