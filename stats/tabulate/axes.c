#include "stats/tabulate/axes.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* Leaves below all values together: memory, and a bound for the time. */
enum { MOST_LEAVES_BELOW = 20 * 1000 * 1000 };

struct finder {
    struct hierarchy *h;
    size_t *first_edge;   /* per code, and one past the last: edges to its children */
    uint32_t *order;      /* codes, parents before children */
    uint32_t **below;     /* per code: its leaves, ascending */
    uint32_t *below_count;
    uint32_t *class;      /* per edge: which grouping of the parent's the child belongs to */
    uint32_t *classes;    /* per code */
    uint32_t *axes;       /* per code: trees that its descendants make */
    uint32_t *stamp, now; /* per code */
};

static uint32_t child_of(const struct finder *f, size_t edge)
{
    return f->h->edges[edge].child;
}

static void index_edges(struct finder *f)
{
    const struct hierarchy *h = f->h;
    f->first_edge = mem_zalloc((size_t)h->code_count + 1, sizeof *f->first_edge);
    for (size_t e = 0; e < h->edge_count; e++)
        f->first_edge[h->edges[e].parent + 1]++;
    for (uint32_t c = 0; c < h->code_count; c++)
        f->first_edge[c + 1] += f->first_edge[c];
}

/* Parents before children (Kahn 1962); what is left over goes round in a circle. */
static int sort_codes(struct finder *f, struct err *err)
{
    const struct hierarchy *h = f->h;
    uint32_t *parents = mem_zalloc(h->code_count, sizeof *parents), *level = mem_zalloc(h->code_count, sizeof *level);
    uint32_t done = 0, ready = 1, deepest = 0;
    f->order = mem_zalloc(h->code_count, sizeof *f->order);
    for (size_t e = 0; e < h->edge_count; e++)
        parents[child_of(f, e)]++;
    for (; done < ready; done++)
        for (size_t e = f->first_edge[f->order[done]]; e < f->first_edge[f->order[done] + 1]; e++) {
            uint32_t child = child_of(f, e), next = level[f->order[done]] + 1;
            level[child] = level[child] > next ? level[child] : next;
            deepest = deepest > next ? deepest : next;
            if (--parents[child] == 0)
                f->order[ready++] = child;
        }
    free(parents);
    free(level);
    if (ready < h->code_count)
        return err_set(err, ERR_DATA, "a circle: a value is above itself");
    if (deepest > HIERARCHY_MAX_LEVELS)
        return err_set(err, ERR_DATA, "%u levels, at most %d are possible", deepest, HIERARCHY_MAX_LEVELS);
    return 0;
}

static int compare_codes(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static void collect_below(struct finder *f, uint32_t code)
{
    size_t room = f->h->leaf[code];
    for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++)
        room += f->below_count[child_of(f, e)];
    uint32_t *leaves = mem_zalloc(room, sizeof *leaves), count = 0;
    f->now++;
    if (f->h->leaf[code])
        leaves[count++] = code;
    for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++)
        for (uint32_t i = 0; i < f->below_count[child_of(f, e)]; i++) {
            uint32_t leaf = f->below[child_of(f, e)][i];
            if (f->stamp[leaf] == f->now)
                continue;
            f->stamp[leaf] = f->now;
            leaves[count++] = leaf;
        }
    if (count)
        qsort(leaves, count, sizeof *leaves, compare_codes);
    f->below[code] = leaves;
    f->below_count[code] = count;
}

static int find_below(struct finder *f, struct err *err)
{
    size_t total = 0;
    f->below = mem_zalloc(f->h->code_count, sizeof *f->below);
    f->below_count = mem_zalloc(f->h->code_count, sizeof *f->below_count);
    for (uint32_t i = f->h->code_count; i-- > 0;) {
        collect_below(f, f->order[i]);
        total += f->below_count[f->order[i]];
        if (total > MOST_LEAVES_BELOW)
            return err_set(err, ERR_DATA, "too large: more than %d values below values", MOST_LEAVES_BELOW);
    }
    return 0;
}

static bool has_overlap(struct finder *f, uint32_t code)
{
    f->now++;
    for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++)
        for (uint32_t i = 0; i < f->below_count[child_of(f, e)]; i++) {
            uint32_t leaf = f->below[child_of(f, e)][i];
            if (f->stamp[leaf] == f->now)
                return true;
            f->stamp[leaf] = f->now;
        }
    return false;
}

/* Which edges of one value lead to each leaf. */
struct owners {
    size_t *first; /* per code, and two past the last */
    size_t *edge;
};

static struct owners find_owners(const struct finder *f, uint32_t code)
{
    struct owners owners = { .first = mem_zalloc((size_t)f->h->code_count + 2, sizeof *owners.first) };
    for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++)
        for (uint32_t i = 0; i < f->below_count[child_of(f, e)]; i++)
            owners.first[f->below[child_of(f, e)][i] + 2]++;
    for (size_t c = 2; c < (size_t)f->h->code_count + 2; c++)
        owners.first[c] += owners.first[c - 1];
    owners.edge = mem_zalloc(owners.first[f->h->code_count + 1], sizeof *owners.edge);
    for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++)
        for (uint32_t i = 0; i < f->below_count[child_of(f, e)]; i++)
            owners.edge[owners.first[f->below[child_of(f, e)][i] + 1]++] = e;
    return owners;
}

enum { NO_CLASS = HIERARCHY_MAX_AXES };

/* The lowest class that no overlapping sibling has; siblings without one are queued. */
static uint32_t choose_class(struct finder *f, const struct owners *owners, size_t edge, size_t *queue, size_t *queued)
{
    uint64_t taken = 0;
    for (uint32_t i = 0; i < f->below_count[child_of(f, edge)]; i++) {
        uint32_t leaf = f->below[child_of(f, edge)][i];
        for (size_t o = owners->first[leaf]; o < owners->first[leaf + 1]; o++) {
            size_t other = owners->edge[o];
            if (f->class[other] != NO_CLASS)
                taken |= UINT64_C(1) << f->class[other];
            else if (f->stamp[child_of(f, other)] != f->now) {
                f->stamp[child_of(f, other)] = f->now;
                queue[(*queued)++] = other;
            }
        }
    }
    uint32_t class = 0;
    while (class < NO_CLASS && (taken >> class & 1))
        class++;
    return class;
}

/* Breadth first: two groupings are told apart whatever their order. */
static int classify_overlapping(struct finder *f, uint32_t code, struct err *err)
{
    struct owners owners = find_owners(f, code);
    size_t count = f->first_edge[code + 1] - f->first_edge[code], done = 0, queued = 0;
    size_t *queue = mem_zalloc(count, sizeof *queue);
    uint32_t most = 0;
    for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++)
        f->class[e] = NO_CLASS;
    f->now++;
    for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1] && most < NO_CLASS; e++) {
        if (f->stamp[child_of(f, e)] != f->now)
            queue[queued++] = e;
        f->stamp[child_of(f, e)] = f->now;
        for (; done < queued && most < NO_CLASS; done++) {
            uint32_t class = choose_class(f, &owners, queue[done], queue, &queued);
            f->class[queue[done]] = class;
            most = most > class ? most : class;
        }
    }
    f->classes[code] = most + 1;
    free(queue);
    free(owners.first);
    free(owners.edge);
    return most < NO_CLASS ? 0 : err_set(err, ERR_DATA, "more than %d groupings of the same values", HIERARCHY_MAX_AXES);
}

/* How many trees are needed: for each grouping as many as its members have. */
static void count_axes(struct finder *f, uint32_t code)
{
    uint32_t most[HIERARCHY_MAX_AXES + 1] = { 0 };
    for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++) {
        uint32_t *needed = &most[f->class[e]];
        *needed = *needed > f->axes[child_of(f, e)] ? *needed : f->axes[child_of(f, e)];
    }
    uint32_t sum = 0;
    for (uint32_t class = 0; class < f->classes[code]; class++)
        sum += most[class];
    f->axes[code] = sum ? sum : 1;
}

static int classify(struct finder *f, struct err *err)
{
    const struct hierarchy *h = f->h;
    f->class = mem_zalloc(h->edge_count, sizeof *f->class);
    f->classes = mem_zalloc(h->code_count, sizeof *f->classes);
    f->axes = mem_zalloc(h->code_count, sizeof *f->axes);
    for (uint32_t i = h->code_count; i-- > 0;) {
        uint32_t code = f->order[i];
        int failed = 0;
        f->classes[code] = 1;
        if (has_overlap(f, code))
            failed = classify_overlapping(f, code, err);
        if (failed)
            return failed;
        count_axes(f, code);
        if (f->axes[code] > HIERARCHY_MAX_AXES)
            return err_set(err, ERR_DATA, "more than %d groupings of the same values", HIERARCHY_MAX_AXES);
    }
    return 0;
}

/* The grouping of the value's children that the axis takes, and which of that grouping's own trees. */
static uint32_t choose_grouping(const struct finder *f, uint32_t code, uint32_t *axis)
{
    for (uint32_t class = 0;; class++) {
        uint32_t trees = 0;
        for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++)
            if (f->class[e] == class && f->axes[child_of(f, e)] > trees)
                trees = f->axes[child_of(f, e)];
        if (*axis < trees || class + 1 >= f->classes[code])
            return class;
        *axis -= trees;
    }
}

/* Leaves that the grouping leaves out. */
static void place_left_out(struct finder *f, uint32_t code, uint32_t class, uint32_t *parent)
{
    f->now++;
    for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++)
        for (uint32_t i = 0; f->class[e] == class && i < f->below_count[child_of(f, e)]; i++)
            f->stamp[f->below[child_of(f, e)][i]] = f->now;
    for (uint32_t i = 0; i < f->below_count[code]; i++)
        if (f->stamp[f->below[code][i]] != f->now)
            parent[f->below[code][i]] = code;
}

/* Every code that the axis reaches gets its parent there; `order` has parents first. */
static const uint32_t *build_axis(struct finder *f, uint32_t axis)
{
    const struct hierarchy *h = f->h;
    uint32_t *parent = mem_alloc(h->code_count * sizeof *parent), *own = mem_zalloc(h->code_count, sizeof *own);
    memset(parent, 0xff, h->code_count * sizeof *parent);
    own[0] = axis;
    for (uint32_t i = 0; i < h->code_count; i++) {
        uint32_t code = f->order[i];
        if (h->leaf[code] || (code && parent[code] == CROSS_NOT_HERE))
            continue;
        uint32_t rest = own[code], class = choose_grouping(f, code, &rest);
        for (size_t e = f->first_edge[code]; e < f->first_edge[code + 1]; e++) {
            uint32_t child = child_of(f, e);
            if (f->class[e] != class)
                continue;
            parent[child] = code;
            own[child] = rest < f->axes[child] ? rest : f->axes[child] - 1;
        }
        if (f->classes[code] > 1)
            place_left_out(f, code, class, parent);
    }
    free(own);
    return parent;
}

static void release(struct finder *f)
{
    for (uint32_t c = 0; f->below && c < f->h->code_count; c++)
        free(f->below[c]);
    free(f->first_edge);
    free(f->order);
    free(f->below);
    free(f->below_count);
    free(f->class);
    free(f->classes);
    free(f->axes);
    free(f->stamp);
}

int axes_find(struct hierarchy *hierarchy, struct err *err)
{
    struct finder f = { .h = hierarchy };
    f.stamp = mem_zalloc(hierarchy->code_count, sizeof *f.stamp);
    index_edges(&f);
    int code = sort_codes(&f, err);
    if (!code)
        code = find_below(&f, err);
    if (!code)
        code = classify(&f, err);
    if (!code) {
        hierarchy->axis_count = f.axes[0];
        hierarchy->axes = mem_zalloc(hierarchy->axis_count, sizeof *hierarchy->axes);
        for (uint32_t a = 0; a < hierarchy->axis_count; a++)
            hierarchy->axes[a].parent = build_axis(&f, a);
    }
    release(&f);
    return code;
}

void axes_release(struct cross_axis *axes, size_t count)
{
    for (size_t a = 0; a < count; a++) {
        union {
            const uint32_t *constant;
            uint32_t *memory;
        } parent = { axes[a].parent };
        free(parent.memory);
    }
    free(axes);
}
