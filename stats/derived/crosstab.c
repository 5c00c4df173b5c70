#include "stats/derived/crosstab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct build {
    const struct panel *panel;
    struct crosstab *out;
    size_t divide, share_of;
    size_t *cells; /* per subgroup and category: its line, or PANEL_NONE */
};

static double cases_of(const struct panel *panel, size_t line, size_t period)
{
    return line == PANEL_NONE ? NAN : panel_value(panel, line, period, panel->label_count + 1);
}

static void find_periods(struct build *build, struct span span, size_t group)
{
    build->out->periods = mem_zalloc(span.last - span.first + 1, sizeof *build->out->periods);
    for (size_t p = span.first; p <= span.last; p++)
        if (!isnan(cases_of(build->panel, group, p)))
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

static void find_groups(struct build *build, size_t group)
{
    const struct panel *panel = build->panel;
    build->out->groups = mem_zalloc(count_children(panel, group, build->divide), sizeof *build->out->groups);
    for (size_t line = panel_child(panel, group, build->divide, PANEL_NONE); line != PANEL_NONE;
         line = panel_child(panel, group, build->divide, line))
        if (is_whole(build, line))
            build->out->groups[build->out->group_count++] = line;
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

static bool is_told_apart(const struct build *build, const size_t *cells)
{
    for (size_t g = 0; g < build->out->group_count; g++)
        for (size_t i = 0; i < build->out->period_count; i++)
            if (isnan(known_cases(build, build->out->groups[g], cells[g], build->out->periods[i])))
                return false;
    return true;
}

static void find_categories(struct build *build, size_t group)
{
    const struct panel *panel = build->panel;
    struct crosstab *out = build->out;
    size_t most = count_children(panel, group, build->share_of);
    out->categories = mem_zalloc(most, sizeof *out->categories);
    build->cells = mem_zalloc(most, (out->group_count + 1) * sizeof *build->cells);
    for (size_t line = panel_child(panel, group, build->share_of, PANEL_NONE); line != PANEL_NONE;
         line = panel_child(panel, group, build->share_of, line)) {
        size_t *cells = build->cells + out->category_count * out->group_count;
        for (size_t g = 0; g < out->group_count; g++)
            cells[g] = cell_of(build, out->groups[g], line);
        if (is_told_apart(build, cells))
            out->categories[out->category_count++] = line;
    }
}

static void count(struct build *build)
{
    struct crosstab *out = build->out;
    size_t width = out->category_count + 1, size = out->group_count * width;
    out->counts = mem_zalloc(out->period_count * size + 1, sizeof *out->counts);
    out->sums = mem_zalloc(size + 1, sizeof *out->sums);
    for (size_t i = 0; i < out->period_count; i++) {
        for (size_t g = 0; g < out->group_count; g++) {
            double *row = out->counts + i * size + g * width;
            row[out->category_count] = cases_of(build->panel, out->groups[g], out->periods[i]);
            for (size_t c = 0; c < out->category_count; c++) {
                row[c] = known_cases(build, out->groups[g], build->cells[c * out->group_count + g], out->periods[i]);
                row[out->category_count] -= row[c];
            }
            for (size_t c = 0; c < width; c++)
                out->sums[g * width + c] += row[c];
        }
    }
}

void crosstab_init(struct crosstab *crosstab, const struct panel *panel, struct span span, size_t group,
                   const size_t dimensions[2])
{
    *crosstab = (struct crosstab){ 0 };
    struct build build = { .panel = panel, .out = crosstab, .divide = dimensions[0], .share_of = dimensions[1] };
    find_periods(&build, span, group);
    find_groups(&build, group);
    find_categories(&build, group);
    count(&build);
    free(build.cells);
}

void crosstab_clear(struct crosstab *crosstab)
{
    free(crosstab->groups);
    free(crosstab->categories);
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
