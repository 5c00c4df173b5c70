#include "stats/derived/survey_result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/derived/sheet.h"
#include "stats/derived/survey_holdout.h"
#include "stats/derived/survey_response.h"
#include "stats/derived/survey_score.h"
#include "stats/derived/survey_wave.h"
#include "stats/derived/survey_weight.h"
#include "stats/method/benjamini_hochberg.h"

static const struct sheet_column first_columns[] = { { "period", SHEET_DIMENSION, 0, "The period." }, { 0 } };
static const struct sheet_column score_columns[] = {
    { "answers", SHEET_COUNT, 0, "Answers to the question." },
    { "score", SHEET_NUMBER, 4, "NPS, the satisfied share, or the mean." },
    { "score_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval (adjusted Wald, Wilson or normal)." },
    { "score_high", SHEET_NUMBER, 4, "Upper end of its 95 % interval." },
    { "change", SHEET_NUMBER, 4, "The score less that of the period before." },
    { "change_p", SHEET_P, 0, "Two-sided p of no change." },
    { "change_p_adjusted", SHEET_P, 0, "That p after Benjamini-Hochberg over all comparisons of the table." },
    { "rest", SHEET_NUMBER, 4, "The score less that of the rest of the total." },
    { "rest_p", SHEET_P, 0, "Two-sided p of no difference from the rest." },
    { "rest_p_adjusted", SHEET_P, 0, "That p after Benjamini-Hochberg over all comparisons of the table." },
    { "weighted", SHEET_NUMBER, 4, "The total's score with the groups raked to those of the population." },
    { "weighted_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval: at the effective number of answers, of a mean by its linearised variance." },
    { "weighted_high", SHEET_NUMBER, 4, "Upper end of its 95 % interval." },
    { "design_effect", SHEET_NUMBER, 4, "Kish's design effect of the weights." },
    { "effective_answers", SHEET_NUMBER, 1, "Answers divided by the design effect." },
    { "note", SHEET_TEXT, 0, "Why there is no weighted score; empty where there is one or none was asked for." },
    { 0 },
};
struct result {
    size_t line, period;
    struct score score;
    double change, change_p, rest, rest_p;
};

struct results {
    const struct panel *panel;
    const struct derived_spec *spec;
    struct result *list;
    size_t count;
};

/* The rest of the total: what is left without the group. Of a mean it cannot be told from what is released. */
static void compare_with_rest(const struct results *results, struct result *result)
{
    struct score total, rest;
    size_t all = results->panel->total;
    enum survey_kind kind = results->spec->survey;
    if (kind == SURVEY_KIND_MEAN || all == PANEL_NONE || result->line == all || !score_line(results->panel, results->spec, all, result->period, &total) ||
        total.n <= result->score.n)
        return;
    rest = score_of_counts(kind, total.n - result->score.n, total.good - result->score.good, total.bad - result->score.bad);
    score_compare(kind, &result->score, &rest, &result->rest, &result->rest_p);
}

static void add_result(struct results *results, size_t line, size_t period)
{
    struct result *result = &results->list[results->count];
    struct score before;
    *result = (struct result){ .line = line, .period = period, .change = NAN, .change_p = NAN, .rest = NAN, .rest_p = NAN };
    if (!score_line(results->panel, results->spec, line, period, &result->score))
        return;
    if (period && score_line(results->panel, results->spec, line, period - 1, &before))
        score_compare(results->spec->survey, &result->score, &before, &result->change, &result->change_p);
    compare_with_rest(results, result);
    results->count++;
}

/* All comparisons of the table are one family. */
static double *adjust(const struct results *results)
{
    double *p = mem_zalloc(2 * results->count, sizeof *p);
    for (size_t i = 0; i < results->count; i++) {
        p[2 * i] = results->list[i].change_p;
        p[2 * i + 1] = results->list[i].rest_p;
    }
    benjamini_hochberg(p, 2 * results->count, p);
    return p;
}

static void write_result(struct sheet *sheet, const struct results *results, const struct panel *population, const struct result *result,
                         const double adjusted[2])
{
    struct weighted weighted = { NAN, NAN, NAN, NAN, NAN, "" };
    char period[16];
    panel_period(results->panel, result->period, period);
    if (result->line == results->panel->total)
        weighted = survey_weight(results->panel, population, results->spec, result->period);
    sheet_text(sheet, period);
    sheet_labels(sheet, results->panel, result->line);
    sheet_count(sheet, (size_t)result->score.n);
    sheet_numbers(sheet, (double[]){ result->score.value, result->score.low, result->score.high, result->change, result->change_p,
                                     adjusted[0], result->rest, result->rest_p, adjusted[1], weighted.score, weighted.low,
                                     weighted.high, weighted.design_effect, weighted.effective_n }, 14);
    sheet_text(sheet, *weighted.note ? weighted.note : NULL);
    sheet_end_row(sheet);
}

/* Hands in what the newest period says: the change, and the difference from the rest. */
static void report(const struct results *results, const struct result *result, struct findings *findings)
{
    const struct panel *panel = results->panel;
    struct score total;
    struct strbuf name = { 0 };
    if (result->period + 1 != panel->period_count || panel->total == PANEL_NONE ||
        !score_line(panel, results->spec, panel->total, result->period, &total))
        return;
    score_name(results->spec, &name);
    double part = result->score.n / total.n / score_range(panel, results->spec);
    struct finding finding = { .kind = FINDING_SCORE, .panel = panel, .line = result->line, .share_of = PANEL_NONE, .low = NAN, .high = NAN,
                               .unit = results->spec->survey == SURVEY_KIND_MEAN ? FINDING_NUMBER : FINDING_POINTS,
                               .figure = findings_keep(findings, strbuf_text(&name)), .value = result->score.value };
    panel_period(panel, result->period, finding.period);
    if (!isnan(result->change)) {
        panel_period(panel, result->period - 1, finding.since);
        finding.size = fabs(result->change) * part;
        finding.p = result->change_p;
        finding.reference = result->score.value - result->change;
        findings_add(findings, &finding);
    }
    if (!isnan(result->rest)) {
        finding.kind = FINDING_SCORE_GROUP;
        finding.size = fabs(result->rest) * part;
        finding.p = result->rest_p;
        finding.reference = result->score.value - result->rest;
        findings_add(findings, &finding);
    }
    strbuf_release(&name);
}

static void write_scores(struct sheet *sheet, const struct results *results, const struct panel *population)
{
    double *adjusted = adjust(results);
    for (size_t i = 0; i < results->count; i++)
        write_result(sheet, results, population, &results->list[i], &adjusted[2 * i]);
    free(adjusted);
}

static void add_scores(struct release *release, const struct panel *panel, const struct panel *population, const struct derived_spec *spec,
                       struct findings *findings)
{
    struct results results = { .panel = panel, .spec = spec, .list = mem_zalloc(panel->line_count * panel->period_count, sizeof *results.list) };
    struct sheet sheet;
    sheet_init(&sheet, release);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, score_columns);
    sheet_open(&sheet, "surveys", panel->table, "", "Results of a survey's question");
    for (size_t period = 0; period < panel->period_count; period++)
        for (size_t line = 0; line < panel->line_count; line++)
            add_result(&results, line, period);
    write_scores(&sheet, &results, population);
    for (size_t i = 0; i < results.count; i++)
        report(&results, &results.list[i], findings);
    free(results.list);
    sheet_close(&sheet);
}

void survey_result_add(struct release *release, const struct panel *panel, const struct panel *population, const struct derived_spec *spec,
                       struct findings *findings)
{
    if (!spec || !spec->survey || (spec->survey != SURVEY_KIND_MEAN && tally_dimension(panel, spec->survey_answer) == PANEL_NONE))
        return;
    if (spec->survey == SURVEY_KIND_DISPOSITION) {
        survey_response_add(release, panel, spec, findings);
    } else if (spec->survey == SURVEY_KIND_HOLDOUT) {
        survey_holdout_add(release, panel, spec, findings);
    } else {
        add_scores(release, panel, population, spec, findings);
        survey_wave_add(release, panel, spec, findings);
    }
}
