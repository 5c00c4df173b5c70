#include "stats/derived/span.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool span_is_single(struct span span)
{
    return span.first == span.last;
}

struct span span_latest(const struct panel *panel)
{
    size_t last = panel->period_count - 1, cycle = panel->season > 1 ? panel->season : panel->period_count;
    return (struct span){ last + 1 > cycle ? last + 1 - cycle : 0, last };
}

struct span *spans_of(const struct panel *panel, size_t *count)
{
    struct span *spans = mem_zalloc(panel->period_count + 1, sizeof *spans);
    *count = panel->period_count;
    for (size_t p = 0; p < panel->period_count; p++)
        spans[p] = (struct span){ p, p };
    if (panel->period_count > 1)
        spans[(*count)++] = span_latest(panel);
    return spans;
}

void span_label(const struct panel *panel, struct span span, char label[SPAN_LABEL_BYTES])
{
    char first[16], last[16];
    panel_period(panel, span.first, first);
    panel_period(panel, span.last, last);
    if (span_is_single(span))
        snprintf(label, SPAN_LABEL_BYTES, "%s", first);
    else
        snprintf(label, SPAN_LABEL_BYTES, "%s/%s", first, last);
}

static double cases_of(const struct panel *panel, size_t line, size_t period)
{
    return panel_value(panel, line, period, panel->label_count + 1);
}

size_t span_sum(const struct panel *panel, struct span span, const size_t *lines, size_t count, double *sums)
{
    size_t periods = 0;
    for (size_t i = 0; i < count; i++)
        sums[i] = lines[i] == PANEL_NONE ? NAN : 0;
    for (size_t p = span.first; p <= span.last; p++) {
        bool whole = true;
        for (size_t i = 0; i < count; i++)
            whole = whole && (lines[i] == PANEL_NONE || !isnan(cases_of(panel, lines[i], p)));
        for (size_t i = 0; whole && i < count; i++)
            if (lines[i] != PANEL_NONE)
                sums[i] += cases_of(panel, lines[i], p);
        periods += whole;
    }
    return periods;
}

/* The column <stem><suffix>, or PANEL_NONE. */
static size_t sibling_column(const struct panel *panel, const char *stem, size_t length, const char *suffix)
{
    for (size_t c = 0; c < released_column_count(panel->table); c++) {
        const char *name = released_column(panel->table, c)->name;
        if (!strncmp(name, stem, length) && !strcmp(name + length, suffix))
            return c;
    }
    return PANEL_NONE;
}

bool span_measure_at(const struct panel *panel, size_t column, struct span_measure *out)
{
    const struct released_column *mean = released_column(panel->table, column);
    size_t length = strlen(mean->name);
    if (mean->role != RELEASED_FIGURE || length < 6 || strcmp(mean->name + length - 5, "_mean"))
        return false;
    size_t n = sibling_column(panel, mean->name, length - 5, "_n");
    if (n == PANEL_NONE)
        return false;
    *out = (struct span_measure){ n, column, sibling_column(panel, mean->name, length - 5, "_sd") };
    return true;
}

bool span_measure_find(const struct panel *panel, const char *name, struct span_measure *out)
{
    size_t column = sibling_column(panel, name, strlen(name), "_mean");
    return column != PANEL_NONE && span_measure_at(panel, column, out);
}

static bool has_parts(const struct panel *panel, const struct span_part *parts, size_t count, size_t period)
{
    for (size_t i = 0; i < count; i++)
        if (!(panel_value(panel, parts[i].line, period, parts[i].measure->n_column) > 0) ||
            isnan(panel_value(panel, parts[i].line, period, parts[i].measure->mean_column)))
            return false;
    return true;
}

/* Adds a period: while they are sums, `mean` holds n × mean and `sd` the sum of squares. */
static void add_moments(const struct panel *panel, const struct span_part *part, size_t period,
                        struct span_moments *sums)
{
    double n = panel_value(panel, part->line, period, part->measure->n_column);
    double mean = panel_value(panel, part->line, period, part->measure->mean_column);
    double sd = n > 1 ? panel_value(panel, part->line, period, part->measure->sd_column) : 0;
    sums->n += n;
    sums->mean += n * mean;
    sums->sd += (n - 1) * sd * sd + n * mean * mean;
}

size_t span_moments(const struct panel *panel, struct span span, const struct span_part *parts, size_t count,
                    struct span_moments *out)
{
    size_t periods = 0;
    for (size_t i = 0; i < count; i++)
        out[i] = (struct span_moments){ 0 };
    for (size_t p = span.first; p <= span.last; p++) {
        if (!has_parts(panel, parts, count, p))
            continue;
        periods++;
        for (size_t i = 0; i < count; i++)
            add_moments(panel, &parts[i], p, &out[i]);
    }
    for (size_t i = 0; i < count && periods; i++) {
        out[i].mean /= out[i].n;
        double squares = out[i].sd - out[i].n * out[i].mean * out[i].mean;
        out[i].sd = isnan(squares) || out[i].n <= 1 ? NAN : sqrt(fmax(0, squares) / (out[i].n - 1));
    }
    return periods;
}
