#include "stats/derived/means.h"

#include <math.h>
#include <stdlib.h>

#include "stats/derived/preference.h"
#include "stats/derived/sheet.h"
#include "stats/derived/span.h"
#include "stats/method/benjamini_hochberg.h"
#include "stats/method/welch.h"

static const struct sheet_column first_columns[] = {
    { "period", SHEET_DIMENSION, 0, "The period, or the last cycle of periods taken together (first/last)." },
    { "measure", SHEET_DIMENSION, 0, "The published mean that is compared." },
    { 0 }
};
static const struct sheet_column columns[] = {
    { "n", SHEET_COUNT, 0, "Cases of the group with a value." },
    { "periods", SHEET_COUNT, 0, "Periods that the row rests on: group and parent are published in them." },
    { "mean", SHEET_NUMBER, 4, "Mean of the group." },
    { "rest_n", SHEET_COUNT, 0, "Cases of the parent group outside the group with a value." },
    { "rest_mean", SHEET_NUMBER, 4, "Their mean." },
    { "difference", SHEET_NUMBER, 4, "Mean less the mean of the rest." },
    { "difference_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval (Welch)." },
    { "difference_high", SHEET_NUMBER, 4, "Upper end of its 95 % interval." },
    { "t", SHEET_NUMBER, 4, "Welch's t." },
    { "df", SHEET_NUMBER, 2, "Its degrees of freedom." },
    { "p", SHEET_P, 0, "Its two-sided p." },
    { "p_adjusted", SHEET_P, 0, "p after Benjamini-Hochberg over all rows with this period." },
    { "reason", SHEET_TEXT, 0, "Why there is no test; empty where there is one." },
    { 0 },
};

struct comparison {
    size_t line, column, periods;
    struct span_moments group, rest;
    enum method_reason reason;
    struct welch welch;
    double p_adjusted;
};

struct comparisons {
    struct comparison *list;
    size_t count, capacity;
};

/* What is left of the whole without a part of it. */
static struct span_moments without(const struct span_moments *whole, const struct span_moments *part)
{
    double n = whole->n - part->n, mean = (whole->n * whole->mean - part->n * part->mean) / n;
    double squares = (whole->n - 1) * whole->sd * whole->sd + whole->n * whole->mean * whole->mean -
                     (part->n - 1) * part->sd * part->sd - part->n * part->mean * part->mean - n * mean * mean;
    return (struct span_moments){ n, mean, n > 1 ? sqrt(fmax(0, squares) / (n - 1)) : NAN };
}

static enum method_reason test(const struct span_moments *a, const struct span_moments *b, struct welch *out)
{
    if (b->n < 1)
        return METHOD_ONE_GROUP;
    if (a->n < 2 || b->n < 2)
        return METHOD_TOO_SHORT;
    if (isnan(a->sd) || isnan(b->sd))
        return METHOD_NO_SPREAD;
    const struct welch_sample first = { a->n, a->mean, a->sd }, second = { b->n, b->mean, b->sd };
    return welch_test(&first, &second, 0.95, out);
}

static bool compare(const struct panel *panel, struct span span, size_t line, size_t column, struct comparison *out)
{
    struct span_measure measure;
    size_t parent = preference_parent(panel, line, PANEL_NONE);
    if (panel->lines[line].withheld || parent == PANEL_NONE || !span_measure_at(panel, column, &measure))
        return false;
    struct span_moments moments[2];
    *out = (struct comparison){ .line = line, .column = column };
    const struct span_part parts[2] = { { line, &measure }, { parent, &measure } };
    out->periods = span_moments(panel, span, parts, 2, moments);
    if (out->periods == 0)
        return false;
    out->group = moments[0];
    out->rest = without(&moments[1], &moments[0]);
    out->reason = test(&out->group, &out->rest, &out->welch);
    return true;
}

static void adjust(struct comparisons *all)
{
    double *p = mem_zalloc(all->count, sizeof *p);
    for (size_t i = 0; i < all->count; i++)
        p[i] = all->list[i].reason == METHOD_OK ? all->list[i].welch.p : NAN;
    benjamini_hochberg(p, all->count, p);
    for (size_t i = 0; i < all->count; i++)
        all->list[i].p_adjusted = p[i];
    free(p);
}

static struct comparisons comparisons_of(const struct panel *panel, struct span span)
{
    struct comparisons all = { 0 };
    for (size_t c = 0; c < released_column_count(panel->table); c++) {
        for (size_t line = 0; line < panel->line_count; line++) {
            MEM_GROW(all.list, all.count, all.capacity);
            all.count += compare(panel, span, line, c, &all.list[all.count]);
        }
    }
    adjust(&all);
    return all;
}

static void write_row(struct sheet *sheet, const struct panel *panel, const struct comparison *row)
{
    const struct welch *welch = &row->welch;
    bool rest = row->rest.n >= 1;
    sheet_text(sheet, released_column(panel->table, row->column)->name);
    sheet_labels(sheet, panel, row->line);
    sheet_count(sheet, (size_t)row->group.n);
    sheet_count(sheet, row->periods);
    sheet_number(sheet, row->group.mean);
    sheet_count(sheet, rest ? (size_t)row->rest.n : 0);
    sheet_number(sheet, rest ? row->rest.mean : NAN);
    sheet_number(sheet, rest ? row->group.mean - row->rest.mean : NAN);
    if (row->reason == METHOD_OK)
        sheet_numbers(sheet, (double[]){ welch->low, welch->high, welch->t, welch->df, welch->p, row->p_adjusted }, 6);
    else
        sheet_skip(sheet, 6);
    sheet_text(sheet, method_reason_name(row->reason));
    sheet_end_row(sheet);
}

static bool has_means(const struct panel *panel)
{
    struct span_measure measure;
    for (size_t c = 0; c < released_column_count(panel->table); c++)
        if (span_measure_at(panel, c, &measure))
            return true;
    return false;
}

void means_add(struct release *to, const struct panel *panel)
{
    size_t count;
    if (!has_means(panel))
        return;
    struct sheet sheet;
    sheet_init(&sheet, to);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, columns);
    sheet_open(&sheet, "preferences", panel->table, "_means", "Means by group, against the rest of the parent group");
    struct span *spans = spans_of(panel, &count);
    for (size_t i = 0; i < count; i++) {
        struct comparisons all = comparisons_of(panel, spans[i]);
        char label[SPAN_LABEL_BYTES];
        span_label(panel, spans[i], label);
        for (size_t row = 0; row < all.count; row++) {
            sheet_text(&sheet, label);
            write_row(&sheet, panel, &all.list[row]);
        }
        free(all.list);
    }
    free(spans);
    sheet_close(&sheet);
}
