#include "stats/derived/survey_result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "core/wilson.h"
#include "stats/derived/sheet.h"
#include "stats/derived/survey_tally.h"
#include "stats/derived/survey_weight.h"
#include "stats/method/aapor.h"
#include "stats/method/benjamini_hochberg.h"
#include "stats/method/nps.h"
#include "stats/method/two_proportions.h"

static const double level = 0.95, low_response = 0.3;

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
    { "weighted_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval at the effective number of answers." },
    { "weighted_high", SHEET_NUMBER, 4, "Upper end of its 95 % interval." },
    { "design_effect", SHEET_NUMBER, 4, "Kish's design effect of the weights." },
    { "effective_answers", SHEET_NUMBER, 1, "Answers divided by the design effect." },
    { "note", SHEET_TEXT, 0, "Why there is no weighted score; empty where there is one or none was asked for." },
    { 0 },
};
static const struct sheet_column rate_columns[] = {
    { "invitations", SHEET_COUNT, 0, "Invitations whose time is over." },
    { "complete", SHEET_COUNT, 0, "Answered (I)." },
    { "partial", SHEET_COUNT, 0, "Begun and not sent (P)." },
    { "refusal", SHEET_COUNT, 0, "No more surveys, said by this link (R)." },
    { "unreachable", SHEET_COUNT, 0, "The message came back or could not be sent (UH)." },
    { "no_reply", SHEET_COUNT, 0, "Nothing was ever returned (UO)." },
    { "rr1", SHEET_NUMBER, 4, "AAPOR response rate 1: complete of all." },
    { "rr2", SHEET_NUMBER, 4, "AAPOR response rate 2: complete and partial of all." },
    { "rr5", SHEET_NUMBER, 4, "AAPOR response rate 5: complete of those known to be eligible." },
    { "rr6", SHEET_NUMBER, 4, "AAPOR response rate 6: complete and partial of those known to be eligible." },
    { "coop1", SHEET_NUMBER, 4, "AAPOR cooperation rate 1." },
    { "ref1", SHEET_NUMBER, 4, "AAPOR refusal rate 1." },
    { "con1", SHEET_NUMBER, 4, "AAPOR contact rate 1." },
    { "warning", SHEET_TEXT, 0, "'low response' below 30 %: who did not answer may think otherwise." },
    { 0 },
};

/* A score of some answers, with what a comparison needs. */
struct score {
    double n, value, low, high;
    double good, bad; /* counts, or of a mean good = its variance */
};

struct result {
    size_t line, period;
    struct score score;
    double change, change_p, rest, rest_p;
};

struct results {
    const struct panel *panel;
    const struct derived_spec *spec;
    size_t answer; /* dimension; PANEL_NONE for a mean */
    struct result *list;
    size_t count;
};

static struct score score_of_counts(enum survey_kind kind, double n, double good, double bad)
{
    struct score score = { n, NAN, NAN, NAN, good, bad };
    if (kind == SURVEY_KIND_NPS) {
        struct nps nps = nps_adjusted_wald((struct nps_counts){ good, bad, n }, level);
        score.value = nps_score((struct nps_counts){ good, bad, n });
        score.low = nps.low;
        score.high = nps.high;
    } else {
        struct wilson share = wilson_interval(good, n, level);
        score.value = share.share;
        score.low = share.low;
        score.high = share.high;
    }
    return score;
}

static double measure_value(const struct results *results, size_t line, size_t period, const char *figure)
{
    struct strbuf name = { 0 };
    strbuf_addf(&name, "%s_%s", results->spec->survey_answer, figure);
    size_t column = panel_column(results->panel, strbuf_text(&name));
    strbuf_release(&name);
    return column == PANEL_NONE ? NAN : panel_value(results->panel, line, period, column);
}

static bool score_of_mean(const struct results *results, size_t line, size_t period, struct score *out)
{
    double n = measure_value(results, line, period, "n"), mean = measure_value(results, line, period, "mean");
    double sd = measure_value(results, line, period, "sd"), half = gsl_cdf_ugaussian_Pinv((1 + level) / 2) * sd / sqrt(n);
    *out = (struct score){ n, mean, mean - half, mean + half, sd * sd, 0 };
    return !isnan(half) && n > 1;
}

static bool score_line(const struct results *results, size_t line, size_t period, struct score *out)
{
    struct tally tally;
    if (results->spec->survey == SURVEY_KIND_MEAN)
        return !results->panel->lines[line].withheld && score_of_mean(results, line, period, out);
    if (panel_depth(results->panel, line, results->answer) || !tally_of(results->panel, results->spec->survey, results->answer, line, period, &tally))
        return false;
    *out = score_of_counts(results->spec->survey, tally.n, tally.classes[TALLY_GOOD], tally.classes[TALLY_BAD]);
    return true;
}

/* Difference and two-sided p of two independent groups. */
static void compare(enum survey_kind kind, const struct score *first, const struct score *second, double *difference, double *p)
{
    *difference = first->value - second->value;
    if (kind == SURVEY_KIND_NPS) {
        *p = nps_compare((struct nps_counts){ first->good, first->bad, first->n }, (struct nps_counts){ second->good, second->bad, second->n }).p;
    } else if (kind == SURVEY_KIND_CSAT) {
        struct two_proportions test;
        const struct proportion one = { first->good, first->n }, other = { second->good, second->n };
        *p = two_proportions(&one, &other, level, &test) == METHOD_OK ? test.p : NAN;
    } else {
        double se = sqrt(first->good / first->n + second->good / second->n);
        *p = se > 0 ? 2 * gsl_cdf_ugaussian_Q(fabs(*difference) / se) : NAN;
    }
}

/* The rest of the total: what is left without the group. Of a mean it cannot be told from what is released. */
static void compare_with_rest(const struct results *results, struct result *result)
{
    struct score total, rest;
    size_t all = results->panel->total;
    enum survey_kind kind = results->spec->survey;
    if (kind == SURVEY_KIND_MEAN || all == PANEL_NONE || result->line == all || !score_line(results, all, result->period, &total) ||
        total.n <= result->score.n)
        return;
    rest = score_of_counts(kind, total.n - result->score.n, total.good - result->score.good, total.bad - result->score.bad);
    compare(kind, &result->score, &rest, &result->rest, &result->rest_p);
}

static void add_result(struct results *results, size_t line, size_t period)
{
    struct result *result = &results->list[results->count];
    struct score before;
    *result = (struct result){ .line = line, .period = period, .change = NAN, .change_p = NAN, .rest = NAN, .rest_p = NAN };
    if (!score_line(results, line, period, &result->score))
        return;
    if (period && score_line(results, line, period - 1, &before))
        compare(results->spec->survey, &result->score, &before, &result->change, &result->change_p);
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
    if (result->line == results->panel->total && results->spec->survey != SURVEY_KIND_MEAN)
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

static void write_scores(struct sheet *sheet, const struct panel *panel, const struct panel *population, const struct derived_spec *spec)
{
    struct results results = { .panel = panel, .spec = spec, .list = mem_zalloc(panel->line_count * panel->period_count, sizeof *results.list),
                               .answer = spec->survey == SURVEY_KIND_MEAN ? PANEL_NONE : tally_dimension(panel, spec->survey_answer) };
    for (size_t period = 0; period < panel->period_count; period++)
        for (size_t line = 0; line < panel->line_count; line++)
            add_result(&results, line, period);
    double *adjusted = adjust(&results);
    for (size_t i = 0; i < results.count; i++)
        write_result(sheet, &results, population, &results.list[i], &adjusted[2 * i]);
    free(adjusted);
    free(results.list);
}

static void write_rates(struct sheet *sheet, const struct panel *panel, const struct derived_spec *spec, size_t line, size_t period)
{
    struct tally tally;
    char label[16];
    size_t answer = tally_dimension(panel, spec->survey_answer);
    if (panel_depth(panel, line, answer) || !tally_of(panel, spec->survey, answer, line, period, &tally))
        return;
    const double *count = tally.classes;
    struct aapor_dispositions dispositions = { .complete = (int64_t)count[TALLY_COMPLETE], .partial = (int64_t)count[TALLY_PARTIAL],
                                               .refusal = (int64_t)count[TALLY_REFUSAL], .unknown_address = (int64_t)count[TALLY_UNREACHABLE],
                                               .unknown_other = (int64_t)count[TALLY_NO_REPLY] };
    struct aapor_rates rates = aapor_rates(&dispositions, aapor_eligible_share(&dispositions));
    panel_period(panel, period, label);
    sheet_text(sheet, label);
    sheet_labels(sheet, panel, line);
    sheet_count(sheet, (size_t)tally.n);
    for (enum tally_class class = TALLY_COMPLETE; class <= TALLY_NO_REPLY; class++)
        sheet_count(sheet, (size_t)count[class]);
    sheet_numbers(sheet, (double[]){ rates.response[0], rates.response[1], rates.response[4], rates.response[5], rates.cooperation[0],
                                     rates.refusal[0], rates.contact[0] }, 7);
    sheet_text(sheet, rates.response[1] < low_response ? "low response" : NULL);
    sheet_end_row(sheet);
}

void survey_result_add(struct release *release, const struct panel *panel, const struct panel *population, const struct derived_spec *spec)
{
    struct sheet sheet;
    if (!spec || !spec->survey || (spec->survey != SURVEY_KIND_MEAN && tally_dimension(panel, spec->survey_answer) == PANEL_NONE))
        return;
    bool rates = spec->survey == SURVEY_KIND_DISPOSITION;
    sheet_init(&sheet, release);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, rates ? rate_columns : score_columns);
    sheet_open(&sheet, "surveys", panel->table, "", rates ? "What became of invitations, and AAPOR's rates" : "Results of a survey's question");
    if (!rates)
        write_scores(&sheet, panel, population, spec);
    for (size_t period = 0; rates && period < panel->period_count; period++)
        for (size_t line = 0; line < panel->line_count; line++)
            write_rates(&sheet, panel, spec, line, period);
    sheet_close(&sheet);
}
