#include "stats/derived/preference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/wilson.h"
#include "stats/derived/sheet.h"
#include "stats/derived/span.h"
#include "stats/method/benjamini_hochberg.h"
#include "stats/method/contingency.h"

static const double confidence = 0.95;

static const struct sheet_column first_columns[] = {
    { "period", SHEET_DIMENSION, 0, "The period, or the last cycle of periods taken together (first/last)." }, { 0 }
};
static const struct sheet_column columns[] = {
    { "cases", SHEET_COUNT, 0, "Closed cases of the group in the category." },
    { "group_cases", SHEET_COUNT, 0, "Closed cases of the group in all categories." },
    { "periods", SHEET_COUNT, 0, "Periods that the row rests on: those in which all its cells are published." },
    { "share", SHEET_NUMBER, 4, "Share of the category in the group." },
    { "share_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval (Wilson)." },
    { "share_high", SHEET_NUMBER, 4, "Upper end of its 95 % interval (Wilson)." },
    { "rank", SHEET_COUNT, 0, "Rank of the category in the group, 1 the most chosen, among those of its level." },
    { "parent_share", SHEET_NUMBER, 4,
      "Share of the category in the parent group: one level up in the last dimension." },
    { "index", SHEET_NUMBER, 1, "100 × share / parent share: above 100 the group chooses it more than its parent." },
    { "residual", SHEET_NUMBER, 3, "Adjusted standardised residual of the group against the rest of its parent." },
    { "p", SHEET_P, 0, "Two-sided p of the residual." },
    { "p_adjusted", SHEET_P, 0, "p after Benjamini-Hochberg over all rows of the table with this period." },
    { "reason", SHEET_TEXT, 0, "Why there is no comparison with the parent; empty where there is one." },
    { 0 },
};

struct choice {
    size_t line, group, level;
    double cases, group_cases, parent_cases, parent_group_cases;
    size_t periods, rank;
    struct wilson share;
    enum method_reason reason;
    struct residual residual;
    double p_adjusted;
};

struct choices {
    struct choice *list;
    size_t count;
};

size_t preference_dimension(const struct panel *panel, const struct derived_spec *spec)
{
    for (size_t d = 0; spec && spec->share_of && d < panel->dimension_count; d++)
        if (!strcmp(panel->dimensions[d].name, spec->share_of))
            return d;
    return PANEL_NONE;
}

size_t preference_group(const struct panel *panel, size_t line, size_t share_of)
{
    if (panel_depth(panel, line, share_of) == 0)
        return PANEL_NONE;
    while (line != PANEL_NONE && panel_depth(panel, line, share_of) > 0)
        line = panel_parent(panel, line, share_of);
    return line;
}

size_t preference_parent(const struct panel *panel, size_t line, size_t except)
{
    for (size_t d = panel->dimension_count; d-- > 0;)
        if (d != except && panel_depth(panel, line, d) > 0)
            return panel_parent(panel, line, d);
    return PANEL_NONE;
}

/* The group against the rest of its parent, the category against all others. */
static void compare(struct choice *choice)
{
    const double counts[4] = {
        choice->cases,
        choice->group_cases - choice->cases,
        choice->parent_cases - choice->cases,
        choice->parent_group_cases - choice->group_cases - choice->parent_cases + choice->cases,
    };
    const struct contingency table = { counts, 2, 2 };
    struct margins margins;
    choice->reason = margins_of(&table, &margins);
    if (choice->reason != METHOD_OK)
        return;
    choice->reason = residual_at(&table, &margins, 0, 0, &choice->residual);
    margins_free(&margins);
}

static bool choose(const struct panel *panel, struct span span, size_t share_of, size_t line, struct choice *out)
{
    size_t group = preference_group(panel, line, share_of);
    if (panel->lines[line].withheld || group == PANEL_NONE)
        return false;
    size_t parent = preference_parent(panel, line, share_of);
    const size_t lines[4] = { line, group, parent,
                              parent == PANEL_NONE ? PANEL_NONE : preference_group(panel, parent, share_of) };
    double sums[4];
    *out = (struct choice){ .line = line, .group = group, .level = panel_depth(panel, line, share_of) };
    out->periods = span_sum(panel, span, lines, 4, sums);
    if (out->periods == 0 || sums[1] <= 0 || sums[0] > sums[1])
        return false;
    out->cases = sums[0];
    out->group_cases = sums[1];
    out->parent_cases = sums[2];
    out->parent_group_cases = sums[3];
    out->share = wilson_interval(out->cases, out->group_cases, confidence);
    out->reason = METHOD_ONE_GROUP;
    if (!isnan(out->parent_cases) && !isnan(out->parent_group_cases))
        compare(out);
    return true;
}

static void adjust(struct choices *choices)
{
    double *p = mem_zalloc(choices->count, sizeof *p);
    for (size_t i = 0; i < choices->count; i++)
        p[i] = choices->list[i].reason == METHOD_OK ? choices->list[i].residual.p : NAN;
    benjamini_hochberg(p, choices->count, p);
    for (size_t i = 0; i < choices->count; i++)
        choices->list[i].p_adjusted = p[i];
    free(p);
}

static int by_group_and_share(const void *a, const void *b)
{
    const struct choice *left = *(const struct choice *const *)a, *right = *(const struct choice *const *)b;
    if (left->group != right->group)
        return left->group < right->group ? -1 : 1;
    if (left->level != right->level)
        return left->level < right->level ? -1 : 1;
    return (left->share.share < right->share.share) - (left->share.share > right->share.share);
}

/* Equal shares have the same rank. */
static void rank(struct choices *choices)
{
    struct choice **sorted = mem_zalloc(choices->count, sizeof *sorted);
    for (size_t i = 0; i < choices->count; i++)
        sorted[i] = &choices->list[i];
    qsort(sorted, choices->count, sizeof *sorted, by_group_and_share);
    size_t place = 0;
    for (size_t i = 0; i < choices->count; i++) {
        bool same = i && sorted[i]->group == sorted[i - 1]->group && sorted[i]->level == sorted[i - 1]->level;
        place = same ? place + 1 : 1;
        bool tied = same && sorted[i]->share.share >= sorted[i - 1]->share.share;
        sorted[i]->rank = tied ? sorted[i - 1]->rank : place;
    }
    free(sorted);
}

static struct choices choices_of(const struct panel *panel, struct span span, size_t share_of)
{
    struct choices choices = { .list = mem_zalloc(panel->line_count, sizeof *choices.list) };
    for (size_t line = 0; line < panel->line_count; line++)
        choices.count += choose(panel, span, share_of, line, &choices.list[choices.count]);
    adjust(&choices);
    rank(&choices);
    return choices;
}

static double parent_share(const struct choice *choice)
{
    return choice->parent_group_cases > 0 ? choice->parent_cases / choice->parent_group_cases : NAN;
}

static void write(struct sheet *sheet, const struct panel *panel, struct span span, const struct choices *choices)
{
    char label[SPAN_LABEL_BYTES];
    span_label(panel, span, label);
    for (size_t i = 0; i < choices->count; i++) {
        const struct choice *choice = &choices->list[i];
        bool compared = choice->reason == METHOD_OK;
        sheet_text(sheet, label);
        sheet_labels(sheet, panel, choice->line);
        sheet_count(sheet, (size_t)choice->cases);
        sheet_count(sheet, (size_t)choice->group_cases);
        sheet_count(sheet, choice->periods);
        sheet_numbers(sheet, (double[]){ choice->share.share, choice->share.low, choice->share.high }, 3);
        sheet_count(sheet, choice->rank);
        sheet_number(sheet, parent_share(choice));
        sheet_number(sheet, 100 * choice->share.share / parent_share(choice));
        sheet_number(sheet, compared ? choice->residual.adjusted : NAN);
        sheet_number(sheet, compared ? choice->residual.p : NAN);
        sheet_number(sheet, choice->p_adjusted);
        sheet_text(sheet, method_reason_name(choice->reason));
        sheet_end_row(sheet);
    }
}

/* The size is the cases above or below what the parent's share would give, of all cases of the table. */
static void report(struct findings *findings, const struct panel *panel, struct span span, size_t share_of,
                   const struct choices *choices)
{
    double all;
    if (panel->total == PANEL_NONE || !span_sum(panel, span, &panel->total, 1, &all) || all <= 0)
        return;
    for (size_t i = 0; i < choices->count; i++) {
        const struct choice *choice = &choices->list[i];
        if (choice->reason != METHOD_OK)
            continue;
        struct finding finding = {
            .kind = FINDING_PREFERENCE,
            .unit = FINDING_SHARE,
            .panel = panel,
            .line = choice->line,
            .figure = "share",
            .share_of = share_of,
            .size = fabs(choice->cases - choice->group_cases * parent_share(choice)) / all,
            .p = choice->residual.p,
            .value = choice->share.share,
            .reference = parent_share(choice),
            .low = choice->share.low,
            .high = choice->share.high,
        };
        span_label(panel, span, finding.period);
        findings_add(findings, &finding);
    }
}

void preference_add(struct release *to, const struct panel *panel, const struct derived_spec *spec,
                    struct findings *findings)
{
    size_t share_of = preference_dimension(panel, spec), count;
    if (share_of == PANEL_NONE)
        return;
    struct sheet sheet;
    sheet_init(&sheet, to);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, columns);
    sheet_open(&sheet, "preferences", panel->table, "", "What the groups choose, against their parent groups");
    struct span *spans = spans_of(panel, &count);
    for (size_t i = 0; i < count; i++) {
        struct choices choices = choices_of(panel, spans[i], share_of);
        write(&sheet, panel, spans[i], &choices);
        if (i + 1 == count)
            report(findings, panel, spans[i], share_of, &choices);
        free(choices.list);
    }
    free(spans);
    sheet_close(&sheet);
}
