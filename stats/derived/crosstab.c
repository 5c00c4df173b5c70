#include "stats/derived/crosstab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A subgroup that is published in every period. */
struct subgroup {
    size_t line, known;  /* how many categories are known */
    const size_t *cells; /* per category: its line, or PANEL_NONE */
    const bool *is_known;
};

struct build {
    const struct panel *panel;
    struct crosstab *out;
    struct arena arena;
    size_t group, divide, share_of;
    struct subgroup whole, *subgroups; /* those of which most is known first */
    size_t subgroup_count, category_count;
    bool *told; /* categories that are told apart */
    bool pools; /* the last row is the whole less the others */
};

static double cases_of(const struct panel *panel, size_t line, size_t period)
{
    return line == PANEL_NONE ? NAN : panel_value(panel, line, period, panel->label_count + 1);
}

static void find_periods(struct build *build, struct span span)
{
    build->out->periods = mem_zalloc(span.last - span.first + 1, sizeof *build->out->periods);
    for (size_t p = span.first; p <= span.last; p++)
        if (!isnan(cases_of(build->panel, build->group, p)))
            build->out->periods[build->out->period_count++] = p;
}

static bool is_whole(const struct build *build, size_t line)
{
    for (size_t i = 0; i < build->out->period_count; i++)
        if (isnan(cases_of(build->panel, line, build->out->periods[i])))
            return false;
    return true;
}

static size_t count_children(const struct panel *panel, size_t line, size_t dimension)
{
    size_t count = 0;
    for (size_t child = panel_child(panel, line, dimension, PANEL_NONE); child != PANEL_NONE;
         child = panel_child(panel, line, dimension, child))
        count++;
    return count;
}

/* The line of a subgroup in the category of a sibling line: same label in the category's column. */
static size_t cell_of(const struct build *build, size_t group, size_t category)
{
    const struct panel *panel = build->panel;
    size_t column = panel->dimensions[build->share_of].column - 1;
    for (size_t line = panel_child(panel, group, build->share_of, PANEL_NONE); line != PANEL_NONE;
         line = panel_child(panel, group, build->share_of, line))
        if (!strcmp(panel->lines[line].labels[column], panel->lines[category].labels[column]))
            return line;
    return PANEL_NONE;
}

/* Nothing of the group is withheld in the period: what is absent has no cases. */
static bool is_complete(const struct build *build, size_t group, size_t period)
{
    const struct panel *panel = build->panel;
    double left = cases_of(panel, group, period);
    for (size_t line = panel_child(panel, group, build->share_of, PANEL_NONE); line != PANEL_NONE;
         line = panel_child(panel, group, build->share_of, line)) {
        double cases = cases_of(panel, line, period);
        left -= isnan(cases) ? 0 : cases;
    }
    return left <= 0;
}

/* The cases, 0 where they are known to be none, NAN where they are withheld. */
static double known_cases(const struct build *build, size_t group, size_t cell, size_t period)
{
    double cases = cases_of(build->panel, cell, period);
    return isnan(cases) && is_complete(build, group, period) ? 0 : cases;
}

static bool is_known(const struct build *build, size_t line, size_t cell)
{
    for (size_t i = 0; i < build->out->period_count; i++)
        if (isnan(known_cases(build, line, cell, build->out->periods[i])))
            return false;
    return true;
}

static struct subgroup subgroup_of(struct build *build, size_t line)
{
    const struct panel *panel = build->panel;
    size_t *cells = arena_alloc(&build->arena, build->category_count * sizeof *cells + 1), c = 0;
    bool *known = arena_alloc(&build->arena, build->category_count * sizeof *known + 1);
    struct subgroup out = { line, 0, cells, known };
    for (size_t category = panel_child(panel, build->group, build->share_of, PANEL_NONE); category != PANEL_NONE;
         category = panel_child(panel, build->group, build->share_of, category)) {
        cells[c] = cell_of(build, line, category);
        known[c] = is_known(build, line, cells[c]);
        out.known += known[c++];
    }
    return out;
}

static int by_known(const void *a, const void *b)
{
    const struct subgroup *left = a, *right = b;
    if (left->known != right->known)
        return left->known > right->known ? -1 : 1;
    return left->line < right->line ? -1 : 1;
}

static void find_subgroups(struct build *build)
{
    const struct panel *panel = build->panel;
    build->category_count = count_children(panel, build->group, build->share_of);
    build->whole = subgroup_of(build, build->group);
    build->subgroups =
        arena_alloc(&build->arena, (count_children(panel, build->group, build->divide) + 1) * sizeof *build->subgroups);
    for (size_t line = panel_child(panel, build->group, build->divide, PANEL_NONE); line != PANEL_NONE;
         line = panel_child(panel, build->group, build->divide, line))
        if (is_whole(build, line))
            build->subgroups[build->subgroup_count++] = subgroup_of(build, line);
    qsort(build->subgroups, build->subgroup_count, sizeof *build->subgroups, by_known);
}

static double total_of(const struct build *build, size_t line)
{
    double sum = 0;
    for (size_t i = 0; i < build->out->period_count; i++)
        sum += cases_of(build->panel, line, build->out->periods[i]);
    return sum;
}

/* Categories known in the first subgroups and, where something is left of the whole, in the whole too. */
static size_t tell_apart(const struct build *build, const struct subgroup *first, size_t count, bool pools, bool *told)
{
    size_t categories = 0;
    for (size_t c = 0; c < build->category_count; c++) {
        told[c] = !pools || build->whole.is_known[c];
        for (size_t g = 0; g < count && told[c]; g++)
            told[c] = first[g].is_known[c];
        categories += told[c];
    }
    return categories;
}

/* How many subgroups stand alone: as many as make the largest table. */
static void choose(struct build *build)
{
    double left = total_of(build, build->group);
    size_t best = 0, most = 0;
    build->told = arena_alloc(&build->arena, build->category_count * sizeof *build->told + 1);
    for (size_t count = 1; count <= build->subgroup_count; count++) {
        left -= total_of(build, build->subgroups[count - 1].line);
        size_t rows = count + (left > 0);
        size_t cells = (rows - 1) * tell_apart(build, build->subgroups, count, left > 0, build->told);
        if (cells < most)
            continue;
        most = cells;
        best = count;
        build->pools = left > 0;
    }
    build->subgroup_count = best;
    build->out->category_count = tell_apart(build, build->subgroups, best, build->pools, build->told);
    build->out->group_count = best + build->pools;
}

/* The row of a line in a period: the categories told apart, then the rest. */
static void fill_row(const struct build *build, const struct subgroup *subgroup, size_t period, double *row)
{
    size_t width = build->out->category_count, filled = 0;
    row[width] = cases_of(build->panel, subgroup->line, period);
    for (size_t c = 0; c < build->category_count; c++) {
        if (!build->told[c])
            continue;
        row[filled] = known_cases(build, subgroup->line, subgroup->cells[c], period);
        row[width] -= row[filled++];
    }
}

static void fill_period(const struct build *build, size_t period, double *rows)
{
    size_t width = build->out->category_count + 1;
    double *pool = rows + build->subgroup_count * width;
    if (build->pools)
        fill_row(build, &build->whole, period, pool);
    for (size_t g = 0; g < build->subgroup_count; g++) {
        fill_row(build, &build->subgroups[g], period, rows + g * width);
        for (size_t c = 0; c < width && build->pools; c++)
            pool[c] -= rows[g * width + c];
    }
}

static void count(struct build *build)
{
    struct crosstab *out = build->out;
    size_t size = out->group_count * (out->category_count + 1);
    out->counts = mem_zalloc(out->period_count * size + 1, sizeof *out->counts);
    out->sums = mem_zalloc(size + 1, sizeof *out->sums);
    for (size_t i = 0; i < out->period_count; i++) {
        fill_period(build, out->periods[i], out->counts + i * size);
        for (size_t c = 0; c < size; c++)
            out->sums[c] += out->counts[i * size + c];
    }
}

void crosstab_init(struct crosstab *crosstab, const struct panel *panel, struct span span, size_t group,
                   const size_t dimensions[2])
{
    *crosstab = (struct crosstab){ 0 };
    struct build build = {
        .panel = panel,
        .out = crosstab,
        .group = group,
        .divide = dimensions[0],
        .share_of = dimensions[1],
    };
    arena_init(&build.arena, false);
    find_periods(&build, span);
    find_subgroups(&build);
    choose(&build);
    count(&build);
    arena_release(&build.arena);
}

void crosstab_clear(struct crosstab *crosstab)
{
    free(crosstab->periods);
    free(crosstab->counts);
    free(crosstab->sums);
    *crosstab = (struct crosstab){ 0 };
}

struct contingency crosstab_sum(const struct crosstab *crosstab)
{
    return (struct contingency){ crosstab->sums, crosstab->group_count, crosstab->category_count + 1 };
}

struct contingency crosstab_period(const struct crosstab *crosstab, size_t i)
{
    size_t width = crosstab->category_count + 1;
    return (struct contingency){ crosstab->counts + i * crosstab->group_count * width, crosstab->group_count, width };
}
