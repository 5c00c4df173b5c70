#include "stats/derived/survey_holdout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/derived/sheet.h"
#include "stats/derived/survey_tally.h"
#include "stats/method/benjamini_hochberg.h"
#include "stats/method/two_proportions.h"

static const double level = 0.95;

static const struct sheet_column first_columns[] = { { "period", SHEET_DIMENSION, 0, "The period." }, { 0 } };
static const struct sheet_column columns[] = {
    { "invited", SHEET_COUNT, 0, "People who were invited." },
    { "invited_share", SHEET_NUMBER, 4, "The share of them with `yes`." },
    { "held_out", SHEET_COUNT, 0, "People who were held out." },
    { "held_out_share", SHEET_NUMBER, 4, "The share of them with `yes`." },
    { "difference", SHEET_NUMBER, 4, "Invited less held out." },
    { "difference_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval (Newcombe)." },
    { "difference_high", SHEET_NUMBER, 4, "Upper end of its 95 % interval." },
    { "p", SHEET_P, 0, "Two-sided p of no difference." },
    { "p_adjusted", SHEET_P, 0, "p after Benjamini-Hochberg over the table." },
    { 0 },
};

struct pair {
    size_t line, period;
    struct proportion invited, held_out;
    struct two_proportions test;
};

struct pairs {
    const struct panel *panel;
    const struct derived_spec *spec;
    size_t answer, group; /* dimensions */
    struct pair *list;
    size_t count;
};

/* The share of `yes` in one of the two groups of a line; false where not all of it is released. */
static bool share_of(const struct pairs *pairs, const struct pair *pair, const char *group, struct proportion *out)
{
    size_t child = PANEL_NONE;
    struct tally tally;
    const struct tally_question question = { SURVEY_KIND_HOLDOUT, pairs->answer, pairs->spec->survey_missing };
    while ((child = panel_child(pairs->panel, pair->line, pairs->group, child)) != PANEL_NONE)
        if (strcmp(tally_label(pairs->panel, child, pairs->group), group) == 0)
            break;
    if (child == PANEL_NONE || !tally_of(pairs->panel, &question, child, pair->period, &tally))
        return false;
    *out = (struct proportion){ tally.classes[TALLY_GOOD], tally.n };
    return true;
}

static void add_pair(struct pairs *pairs, size_t line, size_t period)
{
    struct pair pair = { .line = line, .period = period };
    if (pairs->panel->lines[line].withheld || panel_depth(pairs->panel, line, pairs->answer) || panel_depth(pairs->panel, line, pairs->group))
        return;
    if (share_of(pairs, &pair, "invited", &pair.invited) && share_of(pairs, &pair, "held_out", &pair.held_out) &&
        two_proportions(&pair.invited, &pair.held_out, level, &pair.test) == METHOD_OK)
        pairs->list[pairs->count++] = pair;
}

static void report(const struct pairs *pairs, const struct pair *pair, struct findings *findings)
{
    const struct panel *panel = pairs->panel;
    double all = panel->total == PANEL_NONE ? NAN : panel_value(panel, panel->total, pair->period, panel_column(panel, "cases"));
    if (pair->period + 1 != panel->period_count || isnan(all))
        return;
    struct finding finding = { .kind = FINDING_HOLDOUT, .unit = FINDING_SHARE, .panel = panel, .line = pair->line, .share_of = PANEL_NONE,
                               .figure = pairs->spec->survey_answer, .p = pair->test.p, .low = pair->test.low, .high = pair->test.high,
                               .value = pair->invited.successes / pair->invited.n, .reference = pair->held_out.successes / pair->held_out.n };
    finding.size = fabs(pair->test.difference) * (pair->invited.n + pair->held_out.n) / all;
    panel_period(panel, pair->period, finding.period);
    findings_add(findings, &finding);
}

static void write_pair(struct sheet *sheet, const struct pairs *pairs, const struct pair *pair, double adjusted)
{
    char period[16];
    panel_period(pairs->panel, pair->period, period);
    sheet_text(sheet, period);
    sheet_labels(sheet, pairs->panel, pair->line);
    sheet_count(sheet, (size_t)pair->invited.n);
    sheet_number(sheet, pair->invited.successes / pair->invited.n);
    sheet_count(sheet, (size_t)pair->held_out.n);
    sheet_numbers(sheet, (double[]){ pair->held_out.successes / pair->held_out.n, pair->test.difference, pair->test.low, pair->test.high,
                                     pair->test.p, adjusted }, 6);
    sheet_end_row(sheet);
}

static void write_pairs(struct sheet *sheet, const struct pairs *pairs)
{
    double *p = mem_zalloc(pairs->count, sizeof *p);
    for (size_t i = 0; i < pairs->count; i++)
        p[i] = pairs->list[i].test.p;
    benjamini_hochberg(p, pairs->count, p);
    for (size_t i = 0; i < pairs->count; i++)
        write_pair(sheet, pairs, &pairs->list[i], p[i]);
    free(p);
}

void survey_holdout_add(struct release *release, const struct panel *panel, const struct derived_spec *spec, struct findings *findings)
{
    struct pairs pairs = { .panel = panel, .spec = spec, .answer = tally_dimension(panel, spec->survey_answer),
                           .group = tally_dimension(panel, spec->survey_group) };
    struct sheet sheet;
    if (pairs.group == PANEL_NONE)
        return;
    pairs.list = mem_zalloc(panel->line_count * panel->period_count, sizeof *pairs.list);
    for (size_t period = 0; period < panel->period_count; period++)
        for (size_t line = 0; line < panel->line_count; line++)
            add_pair(&pairs, line, period);
    sheet_init(&sheet, release);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, columns);
    sheet_open(&sheet, "surveys", panel->table, "", "Invited against held-out people");
    write_pairs(&sheet, &pairs);
    for (size_t i = 0; i < pairs.count; i++)
        report(&pairs, &pairs.list[i], findings);
    free(pairs.list);
    sheet_close(&sheet);
}
