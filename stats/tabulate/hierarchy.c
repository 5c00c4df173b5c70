#include "stats/tabulate/hierarchy.h"

#include <stdlib.h>
#include <string.h>

#include "core/csvread.h"
#include "stats/tabulate/axes.h"
#include "stats/tabulate/reserved.h"

void hierarchy_init(struct hierarchy *hierarchy, const char *total)
{
    *hierarchy = (struct hierarchy) { .total = total };
    labels_add(&hierarchy->labels, total);
}

void hierarchy_release(struct hierarchy *hierarchy)
{
    free(hierarchy->path);
    labels_release(&hierarchy->labels);
    free(hierarchy->is_parent);
    free(hierarchy->edges);
    free(hierarchy->code_of);
    free(hierarchy->label_of);
    free(hierarchy->leaf);
    axes_release(hierarchy->axes, hierarchy->axis_count);
    *hierarchy = (struct hierarchy) { 0 };
}

/* ---- the file ---- */

struct edge_reader {
    struct hierarchy *hierarchy;
    struct csvread *reader;
    size_t child, parent; /* columns */
};

static int fault(const struct edge_reader *r, const struct csv_record *record, const char *problem, struct err *err)
{
    return err_set(err, ERR_DATA, "%s:%llu: %s", r->hierarchy->path, (unsigned long long)record->line, problem);
}

static int read_edge(struct edge_reader *r, const struct csv_record *record, struct err *err)
{
    struct hierarchy *h = r->hierarchy;
    if (record->count != csvread_header(r->reader)->count)
        return fault(r, record, "not as many fields as the header", err);
    const char *child = record->fields[r->child].text, *parent = record->fields[r->parent].text;
    if (!*child || !*parent)
        return fault(r, record, *child ? "no parent" : "no child", err);
    if (strcmp(child, h->total) == 0)
        return fault(r, record, "the total has a parent", err);
    if (strcmp(child, parent) == 0)
        return fault(r, record, "a value is its own parent", err);
    if (strcmp(child, RESERVED_WITHHELD) == 0 || strcmp(parent, RESERVED_WITHHELD) == 0)
        return fault(r, record, "a reserved label", err);
    MEM_GROW(h->edges, h->edge_count, h->edge_capacity);
    h->edges[h->edge_count].child = labels_add(&h->labels, child);
    h->edges[h->edge_count++].parent = labels_add(&h->labels, parent);
    return 0;
}

static int find_columns(struct edge_reader *r, struct err *err)
{
    int child = csvread_column(r->reader, "child"), parent = csvread_column(r->reader, "parent");
    if (child < 0 || parent < 0)
        return err_set(err, ERR_DATA, "%s:1: a hierarchy file has the columns 'child' and 'parent'", r->hierarchy->path);
    r->child = (size_t)child;
    r->parent = (size_t)parent;
    return 0;
}

static void mark_parents(struct hierarchy *h)
{
    h->is_parent = mem_zalloc(h->labels.count, sizeof *h->is_parent);
    for (size_t e = 0; e < h->edge_count; e++)
        h->is_parent[h->edges[e].parent] = true;
}

int hierarchy_read(struct hierarchy *hierarchy, const char *path, struct err *err)
{
    struct edge_reader r = { .hierarchy = hierarchy };
    int code = csvread_open(&r.reader, path, &(struct csvread_options) { 0 }, err);
    if (code)
        return code;
    hierarchy->path = mem_strdup(path);
    code = find_columns(&r, err);
    struct csv_record record;
    int got = 0;
    while (!code && (got = csvread_next(r.reader, &record, err)) == 1)
        code = read_edge(&r, &record, err);
    csvread_free(r.reader);
    if (!code && got == 0 && !hierarchy->edge_count)
        code = err_set(err, ERR_DATA, "%s: a hierarchy without a line", path);
    mark_parents(hierarchy);
    return code ? code : got;
}

/* ---- values ---- */

const char *hierarchy_meet(struct hierarchy *hierarchy, const char *text, uint32_t *label)
{
    if (strcmp(text, hierarchy->total) == 0)
        return "the label of totals: the input must hold inner cells only (see --total)";
    if (strcmp(text, RESERVED_WITHHELD) == 0)
        return "a reserved label";
    const char *name = *text ? text : RESERVED_MISSING;
    if (!hierarchy->path) {
        *label = labels_add(&hierarchy->labels, name);
        return NULL;
    }
    uint32_t found = labels_find(&hierarchy->labels, name);
    if (found == LABELS_NONE)
        return "a value that the hierarchy file does not have as a child";
    if (hierarchy->is_parent[found])
        return "a value that the hierarchy file has as a parent: the input must hold inner cells only";
    *label = found;
    return NULL;
}

/* ---- codes ---- */

static int compare_labels(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    return strcmp(*a, *b);
}

/* Label 0, the total, stays in front. */
static void number_codes(struct hierarchy *h)
{
    h->code_count = (uint32_t)h->labels.count;
    h->label_of = mem_alloc(h->code_count * sizeof *h->label_of);
    h->code_of = mem_zalloc(h->code_count, sizeof *h->code_of);
    for (uint32_t l = 0; l < h->code_count; l++)
        h->label_of[l] = h->labels.text[l];
    qsort(h->label_of + 1, h->code_count - 1, sizeof *h->label_of, compare_labels);
    for (uint32_t c = 0; c < h->code_count; c++)
        h->code_of[labels_find(&h->labels, h->label_of[c])] = c;
    for (size_t e = 0; e < h->edge_count; e++)
        h->edges[e] = (struct hierarchy_edge) { h->code_of[h->edges[e].child], h->code_of[h->edges[e].parent] };
}

static int compare_edges(const void *left, const void *right)
{
    const struct hierarchy_edge *a = left, *b = right;
    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    return a->child < b->child ? -1 : a->child > b->child;
}

/* Every value without a parent is below the total; each edge once, by parent, then child. */
static void complete_edges(struct hierarchy *h)
{
    bool *has_parent = mem_zalloc(h->code_count, sizeof *has_parent);
    for (size_t e = 0; e < h->edge_count; e++)
        has_parent[h->edges[e].child] = true;
    for (uint32_t c = 1; c < h->code_count; c++) {
        if (has_parent[c])
            continue;
        MEM_GROW(h->edges, h->edge_count, h->edge_capacity);
        h->edges[h->edge_count++] = (struct hierarchy_edge) { c, 0 };
    }
    free(has_parent);
    if (h->edge_count)
        qsort(h->edges, h->edge_count, sizeof *h->edges, compare_edges);
    size_t kept = 0;
    for (size_t e = 0; e < h->edge_count; e++)
        if (e == 0 || compare_edges(&h->edges[e], &h->edges[kept - 1]) != 0)
            h->edges[kept++] = h->edges[e];
    h->edge_count = kept;
}

static void find_leaves(struct hierarchy *h)
{
    h->leaf = mem_zalloc(h->code_count, sizeof *h->leaf);
    for (uint32_t c = 1; c < h->code_count; c++)
        h->leaf[c] = true;
    for (size_t e = 0; e < h->edge_count; e++)
        h->leaf[h->edges[e].parent] = false;
}

int hierarchy_finish(struct hierarchy *hierarchy, struct err *err)
{
    number_codes(hierarchy);
    complete_edges(hierarchy);
    find_leaves(hierarchy);
    int code = axes_find(hierarchy, err);
    return code && hierarchy->path ? err_prefix(err, "%s", hierarchy->path) : code;
}

struct cross_dimension hierarchy_dimension(const struct hierarchy *hierarchy)
{
    return (struct cross_dimension) {
        .code_count = hierarchy->code_count,
        .leaf = hierarchy->leaf,
        .axes = hierarchy->axes,
        .axis_count = hierarchy->axis_count,
    };
}
