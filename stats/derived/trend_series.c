#include "stats/derived/trend_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/derived/preference.h"

struct context {
    struct trend_list *out;
    const struct panel *panel;
    const struct derived_spec *spec; /* or NULL */
    struct span usable;
    size_t share_of;
};

static double *missing(struct context *context)
{
    double *values = arena_alloc(&context->out->arena, context->panel->period_count * sizeof *values);
    for (size_t p = 0; p < context->panel->period_count; p++)
        values[p] = NAN;
    return values;
}

static double *read_column(struct context *context, size_t line, size_t column)
{
    double *values = missing(context);
    for (size_t p = context->usable.first; p <= context->usable.last; p++)
        values[p] = panel_value(context->panel, line, p, column);
    return values;
}

static double *read_cases(struct context *context, size_t line)
{
    return read_column(context, line, context->panel->label_count + 1);
}

/* counts / exposures × scale; where either is missing or the exposure 0, all are missing. */
static double *divide(struct context *context, double *counts, double *exposures, double scale)
{
    double *values = missing(context);
    for (size_t p = 0; p < context->panel->period_count; p++) {
        if (exposures[p] > 0 && !isnan(counts[p]))
            values[p] = counts[p] / exposures[p] * scale;
        else
            counts[p] = exposures[p] = NAN;
    }
    return values;
}

static bool has_value(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            return true;
    return false;
}

/* The line's part of the table's cases, over the periods that hold both. */
static double weight_of(const struct context *context, size_t line)
{
    double sums[2];
    const size_t lines[2] = { line, context->panel->total };
    if (context->panel->total == PANEL_NONE || line == PANEL_NONE ||
        !span_sum(context->panel, context->usable, lines, 2, sums) || sums[1] <= 0)
        return 0;
    return sums[0] / sums[1];
}

static void add(struct context *context, struct trend_series series)
{
    struct trend_list *out = context->out;
    size_t n = context->panel->period_count;
    if (!has_value(series.values, n))
        return;
    series.series = (struct series){ series.values, n, context->panel->season };
    MEM_GROW(out->list, out->count, out->capacity);
    out->list[out->count++] = series;
}

static struct trend_series series_of(enum trend_kind kind, size_t line, const char *figure)
{
    return (struct trend_series){
        .kind = kind,
        .line = line,
        .figure = figure,
        .highest = INFINITY,
        .scale = 1,
        .measure = { PANEL_NONE, PANEL_NONE, PANEL_NONE },
    };
}

static void add_cases(struct context *context, size_t line)
{
    struct trend_series series = series_of(TREND_CASES, line, "cases");
    series.values = read_cases(context, line);
    series.weight = weight_of(context, line);
    add(context, series);
}

static void add_share(struct context *context, size_t line)
{
    size_t group =
        context->share_of == PANEL_NONE ? PANEL_NONE : preference_group(context->panel, line, context->share_of);
    if (group == PANEL_NONE)
        return;
    struct trend_series series = series_of(TREND_SHARE, line, "share");
    series.highest = 1;
    series.share_of = context->share_of;
    series.counts = read_cases(context, line);
    series.exposures = read_cases(context, group);
    series.values = divide(context, series.counts, series.exposures, 1);
    series.weight = weight_of(context, group);
    add(context, series);
}

static const char *rate_name(struct context *context, const char *name)
{
    static const char prefix[] = "cases_per_";
    char *text = arena_alloc(&context->out->arena, sizeof prefix + strlen(name));
    memcpy(text, prefix, sizeof prefix - 1);
    memcpy(text + sizeof prefix - 1, name, strlen(name) + 1);
    return text;
}

static void add_rate(struct context *context, size_t line, const struct denominator *denominator)
{
    struct trend_series series = series_of(TREND_RATE, line, rate_name(context, denominator->name));
    series.scale = denominator->per;
    series.counts = read_cases(context, line);
    series.exposures = missing(context);
    for (size_t p = context->usable.first; p <= context->usable.last; p++)
        series.exposures[p] = denominator_exposure(denominator, context->panel, line, p);
    series.values = divide(context, series.counts, series.exposures, denominator->per);
    series.weight = weight_of(context, line);
    add(context, series);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcmp(text + length - tail, end);
}

static void add_figure(struct context *context, size_t line, size_t column)
{
    const struct released_column *released = released_column(context->panel->table, column);
    if (released->role != RELEASED_FIGURE || ends_with(released->name, "_sd") || ends_with(released->name, "_sum"))
        return;
    struct trend_series series = series_of(TREND_FIGURE, line, released->name);
    series.lowest = released->bounded ? released->minimum : -INFINITY;
    series.highest = released->bounded ? released->maximum : INFINITY;
    span_measure_at(context->panel, column, &series.measure);
    series.values = read_column(context, line, column);
    series.weight = weight_of(context, line);
    add(context, series);
}

void trend_list_init(struct trend_list *list, const struct panel *panel, const struct derived_spec *spec,
                     struct span usable)
{
    *list = (struct trend_list){ 0 };
    arena_init(&list->arena, false);
    struct context context = { list, panel, spec, usable, preference_dimension(panel, spec) };
    for (size_t line = 0; line < panel->line_count; line++) {
        if (panel->lines[line].withheld)
            continue;
        add_cases(&context, line);
        add_share(&context, line);
        for (size_t d = 0; spec && d < spec->denominator_count; d++)
            add_rate(&context, line, &spec->denominators[d]);
        for (size_t c = panel->label_count + 2; c < released_column_count(panel->table); c++)
            add_figure(&context, line, c);
    }
}

void trend_list_clear(struct trend_list *list)
{
    free(list->list);
    arena_release(&list->arena);
    *list = (struct trend_list){ 0 };
}
