#include "stats/derived/driver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"
#include "stats/derived/preference.h"
#include "stats/derived/sheet.h"
#include "stats/derived/span.h"
#include "stats/derived/trend_usable.h"
#include "stats/method/kitagawa.h"

static const struct sheet_column first_columns[] = {
    { "comparison", SHEET_DIMENSION, 0, "period: with the one before; year: with the same a year earlier." },
    { "divided_by", SHEET_DIMENSION, 0, "The dimension whose groups the rows are." },
    { "figure", SHEET_DIMENSION, 0, "cases, share, cases_per_… or a published mean." },
    { 0 },
};
static const struct sheet_column columns[] = {
    { "period_before", SHEET_TEXT, 0, "The earlier period." },
    { "period_after", SHEET_TEXT, 0, "The later period." },
    { "size_before", SHEET_NUMBER, 2, "Cases, values or exposure of the group in the earlier period." },
    { "size_after", SHEET_NUMBER, 2, "The same in the later period." },
    { "rate_before", SHEET_NUMBER, 4, "The group's mean, share or rate in the earlier period; empty for cases." },
    { "rate_after", SHEET_NUMBER, 4, "The same in the later period." },
    { "mix", SHEET_NUMBER, 6, "What the group's other weight adds to the change of the total figure." },
    { "rate", SHEET_NUMBER, 6, "What the change within the group adds to it." },
    { "contribution", SHEET_NUMBER, 6, "Both together; for cases the group's change." },
    { 0 },
};

static const char *const rest_label = "(rest)";

/* What is decomposed: one figure between two periods along one dimension. */
struct question {
    const struct panel *panel;
    const char *comparison, *figure;
    size_t periods[2], divide, parent;
    size_t share_of;                       /* of a share, else PANEL_NONE */
    const struct span_measure *measure;    /* of a mean, else NULL */
    const struct denominator *denominator; /* of a rate, else NULL */
};

static double cases_of(const struct question *question, size_t line, int side)
{
    const struct panel *panel = question->panel;
    return line == PANEL_NONE ? NAN : panel_value(panel, line, question->periods[side], panel->label_count + 1);
}

static void measure_side(const struct question *question, size_t line, int side, struct kitagawa_group *out)
{
    const struct panel *panel = question->panel;
    size_t period = question->periods[side];
    out->size[side] = out->rate[side] = cases_of(question, line, side);
    if (question->measure) {
        out->size[side] = panel_value(panel, line, period, question->measure->n_column);
        out->rate[side] = panel_value(panel, line, period, question->measure->mean_column);
    } else if (question->share_of != PANEL_NONE) {
        out->size[side] = cases_of(question, preference_group(panel, line, question->share_of), side);
        out->rate[side] /= out->size[side];
    } else if (question->denominator) {
        out->size[side] = denominator_exposure(question->denominator, panel, line, period) / question->denominator->per;
        out->rate[side] /= out->size[side];
    }
}

/* False unless the line says something in both periods. */
static bool measure(const struct question *question, size_t line, struct kitagawa_group *out)
{
    for (int side = 0; side < 2; side++) {
        measure_side(question, line, side, out);
        if (!isfinite(out->size[side]) || !isfinite(out->rate[side]) || out->size[side] <= 0)
            return false;
    }
    return true;
}

/* The total less the groups; false where there is none, or the groups overlap (an exposure that does not divide). */
static bool rest_of(const struct kitagawa_group *total, const struct kitagawa_group *groups, size_t count,
                    struct kitagawa_group *out)
{
    for (int side = 0; side < 2; side++) {
        double size = total->size[side], sum = total->size[side] * total->rate[side];
        for (size_t i = 0; i < count; i++) {
            size -= groups[i].size[side];
            sum -= groups[i].size[side] * groups[i].rate[side];
        }
        bool none = size < 1e-6 * total->size[side];
        out->size[side] = none ? 0 : size;
        out->rate[side] = none ? NAN : sum / size;
    }
    return out->size[0] > 0 || out->size[1] > 0;
}

static bool overlaps(const struct kitagawa_group *total, const struct kitagawa_group *groups, size_t count)
{
    for (int side = 0; side < 2; side++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += groups[i].size[side];
        if (sum > total->size[side] * (1 + 1e-6))
            return true;
    }
    return false;
}

static bool counts_cases(const struct question *question)
{
    return !question->measure && !question->denominator && question->share_of == PANEL_NONE;
}

static void put_key(struct sheet *sheet, const struct question *question, size_t line)
{
    const struct panel *panel = question->panel;
    const struct panel_dimension *divide = &panel->dimensions[question->divide];
    sheet_text(sheet, question->comparison);
    sheet_text(sheet, divide->name);
    sheet_text(sheet, question->figure);
    for (size_t i = 0; i < panel->label_count; i++) {
        bool is_rest = line == PANEL_NONE && i == divide->column - 1;
        sheet_text(sheet, is_rest ? rest_label : panel->lines[line == PANEL_NONE ? question->parent : line].labels[i]);
    }
    for (int side = 0; side < 2; side++) {
        char label[16];
        panel_period(panel, question->periods[side], label);
        sheet_text(sheet, label);
    }
}

static void write_row(struct sheet *sheet, const struct question *question, size_t line,
                      const struct kitagawa_group *group, const struct kitagawa_part *part)
{
    put_key(sheet, question, line);
    sheet_numbers(sheet, group->size, 2);
    if (counts_cases(question)) {
        sheet_skip(sheet, 4);
        sheet_number(sheet, group->size[1] - group->size[0]);
    } else {
        sheet_numbers(sheet, group->rate, 2);
        sheet_numbers(sheet, (double[]){ part->mix, part->rate, part->mix + part->rate }, 3);
    }
    sheet_end_row(sheet);
}

static void answer(struct sheet *sheet, const struct question *question)
{
    const struct panel *panel = question->panel;
    struct kitagawa_group total, *groups = mem_zalloc(panel->line_count + 1, sizeof *groups);
    struct kitagawa_part *parts = mem_zalloc(panel->line_count + 1, sizeof *parts);
    size_t *lines = mem_zalloc(panel->line_count + 1, sizeof *lines), count = 0;
    bool whole = measure(question, question->parent, &total);
    for (size_t line = panel_child(panel, question->parent, question->divide, PANEL_NONE); line != PANEL_NONE && whole;
         line = panel_child(panel, question->parent, question->divide, line)) {
        lines[count] = line;
        count += measure(question, line, &groups[count]);
    }
    if (whole && count && !overlaps(&total, groups, count)) {
        bool rest = rest_of(&total, groups, count, &groups[count]);
        lines[count] = PANEL_NONE;
        struct kitagawa sum;
        if (kitagawa(groups, count + rest, parts, &sum) == METHOD_OK)
            for (size_t i = 0; i < count + rest; i++)
                write_row(sheet, question, lines[i], &groups[i], &parts[i]);
    }
    free(lines);
    free(parts);
    free(groups);
}

/* The shares of the outermost categories in all, divided by the groups of another dimension. */
static void answer_shares(struct sheet *sheet, struct question question, size_t share_of)
{
    const struct panel *panel = question.panel;
    if (share_of == PANEL_NONE || share_of == question.divide)
        return;
    question.figure = "share";
    question.share_of = share_of;
    for (size_t line = panel_child(panel, panel->total, share_of, PANEL_NONE); line != PANEL_NONE;
         line = panel_child(panel, panel->total, share_of, line)) {
        question.parent = line;
        answer(sheet, &question);
    }
}

static void answer_means(struct sheet *sheet, struct question question)
{
    for (size_t c = 0; c < released_column_count(question.panel->table); c++) {
        struct span_measure measure;
        if (!span_measure_at(question.panel, c, &measure))
            continue;
        question.figure = released_column(question.panel->table, c)->name;
        question.measure = &measure;
        answer(sheet, &question);
    }
}

static void answer_rates(struct sheet *sheet, struct question question, const struct derived_spec *spec)
{
    for (size_t d = 0; spec && d < spec->denominator_count; d++) {
        struct strbuf name = { 0 };
        strbuf_addf(&name, "cases_per_%s", spec->denominators[d].name);
        question.figure = strbuf_text(&name);
        question.denominator = &spec->denominators[d];
        answer(sheet, &question);
        strbuf_release(&name);
    }
}

static void compare(struct sheet *sheet, const struct panel *panel, const struct derived_spec *spec,
                    const char *comparison, const size_t periods[2])
{
    size_t share_of = preference_dimension(panel, spec);
    for (size_t d = 0; d < panel->dimension_count; d++) {
        struct question question = {
            .panel = panel,
            .comparison = comparison,
            .figure = "cases",
            .periods = { periods[0], periods[1] },
            .divide = d,
            .parent = panel->total,
            .share_of = PANEL_NONE,
        };
        answer(sheet, &question);
        answer_shares(sheet, question, share_of);
        answer_rates(sheet, question, spec);
        answer_means(sheet, question);
    }
}

void driver_add(struct release *to, const struct panel *panel, const struct derived_spec *spec)
{
    if (panel->total == PANEL_NONE || panel->dimension_count == 0)
        return;
    struct sheet sheet;
    struct span usable = trend_usable_of(panel).span;
    size_t last = usable.last, year = panel->season;
    sheet_init(&sheet, to);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, columns);
    sheet_open(&sheet, "trends", panel->table, "_drivers", "What drove the change of the total");
    if (last > usable.first)
        compare(&sheet, panel, spec, "period", (const size_t[]){ last - 1, last });
    if (year > 1 && last >= usable.first + year)
        compare(&sheet, panel, spec, "year", (const size_t[]){ last - year, last });
    sheet_close(&sheet);
}
