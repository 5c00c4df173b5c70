#include "stats/derived/expectation.h"

#include <math.h>
#include <stdlib.h>

#include "stats/derived/preference.h"
#include "stats/derived/sheet.h"
#include "stats/derived/span.h"
#include "stats/method/benjamini_hochberg.h"
#include "stats/method/welch.h"

static const struct sheet_column first_columns[] = {
    { "period", SHEET_DIMENSION, 0, "The period, or the last cycle of periods taken together (first/last)." },
    { "pair", SHEET_DIMENSION, 0, "The pair of scores, as the configuration names it." },
    { 0 }
};
static const struct sheet_column columns[] = {
    { "periods", SHEET_COUNT, 0, "Periods that the row rests on: both scores are published in them." },
    { "expected_n", SHEET_COUNT, 0, "Cases with the expected score." },
    { "expected_mean", SHEET_NUMBER, 4, "Mean of what was expected, or of importance." },
    { "experienced_n", SHEET_COUNT, 0, "Cases with the experienced score." },
    { "experienced_mean", SHEET_NUMBER, 4, "Mean of what was experienced, or of satisfaction." },
    { "gap", SHEET_NUMBER, 4, "Experienced less expected: below 0 the experience falls short." },
    { "gap_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval (Welch, as if of independent answers)." },
    { "gap_high", SHEET_NUMBER, 4, "Upper end of its 95 % interval." },
    { "p", SHEET_P, 0, "Two-sided p of the gap." },
    { "p_adjusted", SHEET_P, 0, "p after Benjamini-Hochberg over all rows with this period." },
    { "quadrant", SHEET_TEXT, 0,
      "keep_up, improve_first, low_priority or possible_overkill, against the table's total." },
    { "rank", SHEET_COUNT, 0, "Rank of the gap among the groups of the same parent, 1 the greatest shortfall." },
    { "reason", SHEET_TEXT, 0, "Why there is no interval; empty where there is one." },
    { 0 },
};

struct gap {
    const struct derived_pair *pair;
    size_t line, parent, periods, rank;
    struct span_moments expected, experienced;
    const char *quadrant;
    double gap, p_adjusted;
    enum method_reason reason;
    struct welch welch;
};

struct gaps {
    struct gap *list;
    size_t count, capacity;
};

static enum method_reason test(const struct gap *gap, struct welch *out)
{
    if (isnan(gap->expected.sd) || isnan(gap->experienced.sd))
        return METHOD_NO_SPREAD;
    const struct welch_sample first = { gap->experienced.n, gap->experienced.mean, gap->experienced.sd };
    const struct welch_sample second = { gap->expected.n, gap->expected.mean, gap->expected.sd };
    return welch_test(&first, &second, 0.95, out);
}

static bool measure(const struct panel *panel, struct span span, size_t line, const struct derived_pair *pair,
                    struct gap *out)
{
    struct span_measure expected, experienced;
    *out = (struct gap){ .pair = pair, .line = line, .parent = preference_parent(panel, line, PANEL_NONE) };
    if (panel->lines[line].withheld || !span_measure_find(panel, pair->expected, &expected) ||
        !span_measure_find(panel, pair->experienced, &experienced))
        return false;
    const struct span_part parts[2] = { { line, &expected }, { line, &experienced } };
    struct span_moments moments[2];
    out->periods = span_moments(panel, span, parts, 2, moments);
    if (out->periods == 0)
        return false;
    out->expected = moments[0];
    out->experienced = moments[1];
    out->gap = out->experienced.mean - out->expected.mean;
    out->reason = test(out, &out->welch);
    return true;
}

static const char *quadrant_of(const struct gap *gap, const struct gap *total)
{
    bool important = gap->expected.mean >= total->expected.mean;
    bool good = gap->experienced.mean >= total->experienced.mean;
    if (important)
        return good ? "keep_up" : "improve_first";
    return good ? "possible_overkill" : "low_priority";
}

static void place_quadrants(const struct panel *panel, struct span span, struct gaps *gaps)
{
    for (size_t i = 0; i < gaps->count; i++) {
        struct gap total;
        if (gaps->list[i].line != panel->total && panel->total != PANEL_NONE &&
            measure(panel, span, panel->total, gaps->list[i].pair, &total))
            gaps->list[i].quadrant = quadrant_of(&gaps->list[i], &total);
    }
}

static void rank(struct gaps *gaps)
{
    for (size_t i = 0; i < gaps->count; i++) {
        gaps->list[i].rank = 1;
        for (size_t j = 0; j < gaps->count; j++)
            gaps->list[i].rank += gaps->list[j].pair == gaps->list[i].pair &&
                                  gaps->list[j].parent == gaps->list[i].parent && gaps->list[j].gap < gaps->list[i].gap;
    }
}

static void adjust(struct gaps *gaps)
{
    double *p = mem_zalloc(gaps->count, sizeof *p);
    for (size_t i = 0; i < gaps->count; i++)
        p[i] = gaps->list[i].reason == METHOD_OK ? gaps->list[i].welch.p : NAN;
    benjamini_hochberg(p, gaps->count, p);
    for (size_t i = 0; i < gaps->count; i++)
        gaps->list[i].p_adjusted = p[i];
    free(p);
}

static struct gaps gaps_of(const struct panel *panel, struct span span, const struct derived_spec *spec)
{
    struct gaps gaps = { 0 };
    for (size_t pair = 0; pair < spec->pair_count; pair++) {
        for (size_t line = 0; line < panel->line_count; line++) {
            MEM_GROW(gaps.list, gaps.count, gaps.capacity);
            gaps.count += measure(panel, span, line, &spec->pairs[pair], &gaps.list[gaps.count]);
        }
    }
    adjust(&gaps);
    rank(&gaps);
    place_quadrants(panel, span, &gaps);
    return gaps;
}

static void write_row(struct sheet *sheet, const struct panel *panel, const struct gap *gap)
{
    bool tested = gap->reason == METHOD_OK;
    sheet_text(sheet, gap->pair->name);
    sheet_labels(sheet, panel, gap->line);
    sheet_count(sheet, gap->periods);
    sheet_count(sheet, (size_t)gap->expected.n);
    sheet_number(sheet, gap->expected.mean);
    sheet_count(sheet, (size_t)gap->experienced.n);
    sheet_number(sheet, gap->experienced.mean);
    sheet_number(sheet, gap->gap);
    sheet_number(sheet, tested ? gap->welch.low : NAN);
    sheet_number(sheet, tested ? gap->welch.high : NAN);
    sheet_number(sheet, tested ? gap->welch.p : NAN);
    sheet_number(sheet, gap->p_adjusted);
    sheet_text(sheet, gap->quadrant);
    sheet_count(sheet, gap->rank);
    sheet_text(sheet, method_reason_name(gap->reason));
    sheet_end_row(sheet);
}

/* The range of scores that the expected mean can take; without one, the size is not known and taken as small. */
static double range_of(const struct panel *panel, const struct derived_pair *pair)
{
    struct span_measure measure;
    if (!span_measure_find(panel, pair->expected, &measure))
        return INFINITY;
    const struct released_column *column = released_column(panel->table, measure.mean_column);
    return column->bounded ? column->maximum - column->minimum : INFINITY;
}

/* The size is the gap in parts of the score's range, times the group's part of all answers. */
static void report(struct findings *findings, const struct panel *panel, struct span span, const struct gaps *gaps)
{
    for (size_t i = 0; i < gaps->count; i++) {
        const struct gap *gap = &gaps->list[i];
        struct gap total;
        if (gap->reason != METHOD_OK || panel->total == PANEL_NONE ||
            !measure(panel, span, panel->total, gap->pair, &total))
            continue;
        struct finding finding = {
            .kind = FINDING_GAP,
            .panel = panel,
            .line = gap->line,
            .figure = gap->pair->name,
            .share_of = PANEL_NONE,
            .size = fabs(gap->gap) / range_of(panel, gap->pair) * gap->experienced.n / total.experienced.n,
            .p = gap->welch.p,
            .value = gap->experienced.mean,
            .reference = gap->expected.mean,
            .low = gap->welch.low,
            .high = gap->welch.high,
        };
        span_label(panel, span, finding.period);
        findings_add(findings, &finding);
    }
}

void expectation_add(struct release *to, const struct panel *panel, const struct derived_spec *spec,
                     struct findings *findings)
{
    size_t count;
    if (!spec || spec->pair_count == 0)
        return;
    struct sheet sheet;
    sheet_init(&sheet, to);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, columns);
    sheet_open(&sheet, "preferences", panel->table, "_expectations", "What was expected and what was experienced");
    struct span *spans = spans_of(panel, &count);
    for (size_t i = 0; i < count; i++) {
        struct gaps gaps = gaps_of(panel, spans[i], spec);
        char label[SPAN_LABEL_BYTES];
        span_label(panel, spans[i], label);
        for (size_t row = 0; row < gaps.count; row++) {
            sheet_text(&sheet, label);
            write_row(&sheet, panel, &gaps.list[row]);
        }
        if (i + 1 == count)
            report(findings, panel, spans[i], &gaps);
        free(gaps.list);
    }
    free(spans);
    sheet_close(&sheet);
}
