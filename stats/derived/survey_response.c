#include "stats/derived/survey_response.h"

#include <math.h>
#include <stdlib.h>

#include "stats/derived/sheet.h"
#include "stats/derived/survey_tally.h"
#include "stats/method/aapor.h"
#include "stats/method/benjamini_hochberg.h"
#include "stats/method/two_proportions.h"

static const double level = 0.95, low_response = 0.3, sure = 0.05;

static const struct sheet_column first_columns[] = { { "period", SHEET_DIMENSION, 0, "The period." }, { 0 } };
/* Nobody who was invited is known not to be eligible, so e is 1, and nobody who reacted did so otherwise: RR3, RR4, COOP3, COOP4, REF2 and
 * CON2 are RR1, RR2, COOP1, COOP2, REF1 and CON1. */
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
    { "coop1", SHEET_NUMBER, 4, "AAPOR cooperation rate 1: complete of those who reacted." },
    { "coop2", SHEET_NUMBER, 4, "AAPOR cooperation rate 2: complete and partial of those who reacted." },
    { "ref1", SHEET_NUMBER, 4, "AAPOR refusal rate 1: refusals of all." },
    { "ref3", SHEET_NUMBER, 4, "AAPOR refusal rate 3: refusals of those known to be eligible." },
    { "con1", SHEET_NUMBER, 4, "AAPOR contact rate 1: who reacted, of all." },
    { "con3", SHEET_NUMBER, 4, "AAPOR contact rate 3: who reacted, of those known to be eligible." },
    { "invited_share", SHEET_NUMBER, 4, "The group's part of the total's invitations." },
    { "answered_share", SHEET_NUMBER, 4, "Its part of the total's complete answers." },
    { "rest", SHEET_NUMBER, 4, "Response rate 1 less that of the rest of the total." },
    { "rest_p", SHEET_P, 0, "Two-sided p of no difference from the rest." },
    { "rest_p_adjusted", SHEET_P, 0, "That p after Benjamini-Hochberg over the table." },
    { "representativity", SHEET_NUMBER, 4, "R-indicator of the total, over the dimension where it is lowest: 1 where all groups answer alike." },
    { "design_effect", SHEET_NUMBER, 4, "Kish's design effect of weighting the answers to the invited over that dimension." },
    { "warning", SHEET_TEXT, 0, "'low response' below 30 %; 'unequal response' where groups answer more or less often (p_adjusted < 0.05)." },
    { 0 },
};

/* What became of one line's invitations in one period. */
struct outcome {
    size_t line, period;
    struct tally tally, total; /* total.n 0: not released */
    double rest, rest_p, rest_p_adjusted, representativity, design_effect;
    bool is_unequal;
};

struct outcomes {
    const struct panel *panel;
    const struct derived_spec *spec;
    size_t answer; /* dimension */
    struct outcome *list;
    size_t count;
};

static double complete(const struct tally *tally)
{
    return tally->classes[TALLY_COMPLETE];
}

static bool tally_line(const struct outcomes *outcomes, size_t line, size_t period, struct tally *out)
{
    const struct tally_question question = { SURVEY_KIND_DISPOSITION, outcomes->answer, NULL };
    return !panel_depth(outcomes->panel, line, outcomes->answer) && tally_of(outcomes->panel, &question, line, period, out);
}

/* Over the groups of one dimension, where all of them are released. */
static void measure_dimension(const struct outcomes *outcomes, size_t dimension, struct outcome *total)
{
    double n = total->tally.n, rate = complete(&total->tally) / n, seen = 0, squares = 0, weighted = 0;
    size_t child = PANEL_NONE;
    while ((child = panel_child(outcomes->panel, total->line, dimension, child)) != PANEL_NONE) {
        struct tally group;
        if (!tally_line(outcomes, child, total->period, &group))
            continue;
        seen += group.n;
        squares += group.n * pow(complete(&group) / group.n - rate, 2);
        weighted += group.n * group.n / complete(&group);
    }
    double indicator = 1 - 2 * sqrt(squares / (n - 1));
    if (seen < n || n < 2 || (!isnan(total->representativity) && indicator >= total->representativity))
        return;
    total->representativity = indicator;
    total->design_effect = complete(&total->tally) * weighted / (n * n);
}

static void measure(const struct outcomes *outcomes, struct outcome *outcome)
{
    for (size_t d = 0; d < outcomes->panel->dimension_count && outcome->line == outcomes->panel->total; d++)
        if (d != outcomes->answer)
            measure_dimension(outcomes, d, outcome);
}

static void compare_with_rest(struct outcome *outcome)
{
    struct two_proportions test;
    const struct proportion group = { complete(&outcome->tally), outcome->tally.n };
    const struct proportion rest = { complete(&outcome->total) - group.successes, outcome->total.n - group.n };
    if (rest.n <= 0 || two_proportions(&group, &rest, level, &test) != METHOD_OK)
        return;
    outcome->rest = test.difference;
    outcome->rest_p = test.p;
}

static void add_outcome(struct outcomes *outcomes, size_t line, size_t period)
{
    struct outcome outcome = { .line = line, .period = period, .rest = NAN, .rest_p = NAN, .representativity = NAN, .design_effect = NAN };
    if (!tally_line(outcomes, line, period, &outcome.tally))
        return;
    size_t total = outcomes->panel->total;
    if (total == PANEL_NONE || !tally_line(outcomes, total, period, &outcome.total))
        outcome.total.n = 0;
    compare_with_rest(&outcome);
    measure(outcomes, &outcome);
    outcomes->list[outcomes->count++] = outcome;
}

/* After all are there: all comparisons of the table are one family, and a total is unequal if one of its groups is. */
static void adjust(struct outcomes *outcomes)
{
    double *p = mem_zalloc(outcomes->count, sizeof *p);
    for (size_t i = 0; i < outcomes->count; i++)
        p[i] = outcomes->list[i].rest_p;
    benjamini_hochberg(p, outcomes->count, p);
    for (size_t i = 0; i < outcomes->count; i++) {
        struct outcome *outcome = &outcomes->list[i];
        outcome->rest_p_adjusted = p[i];
        outcome->is_unequal = p[i] < sure;
        for (size_t j = 0; j < outcomes->count && outcome->line == outcomes->panel->total; j++)
            outcome->is_unequal = outcome->is_unequal || (outcomes->list[j].period == outcome->period && p[j] < sure);
    }
    free(p);
}

static struct aapor_rates rates_of(const struct tally *tally)
{
    const double *count = tally->classes;
    struct aapor_dispositions dispositions = { .complete = (int64_t)count[TALLY_COMPLETE], .partial = (int64_t)count[TALLY_PARTIAL],
                                               .refusal = (int64_t)count[TALLY_REFUSAL], .unknown_address = (int64_t)count[TALLY_UNREACHABLE],
                                               .unknown_other = (int64_t)count[TALLY_NO_REPLY] };
    return aapor_rates(&dispositions, aapor_eligible_share(&dispositions));
}

static bool is_low(const struct outcome *outcome)
{
    return rates_of(&outcome->tally).response[1] < low_response;
}

static const char *warning_of(const struct outcome *outcome)
{
    if (is_low(outcome))
        return outcome->is_unequal ? "low response; unequal response" : "low response";
    return outcome->is_unequal ? "unequal response" : NULL;
}

static void write_outcome(struct sheet *sheet, const struct outcomes *outcomes, const struct outcome *outcome)
{
    char label[16];
    struct aapor_rates rates = rates_of(&outcome->tally);
    panel_period(outcomes->panel, outcome->period, label);
    sheet_text(sheet, label);
    sheet_labels(sheet, outcomes->panel, outcome->line);
    sheet_count(sheet, (size_t)outcome->tally.n);
    for (enum tally_class class = TALLY_COMPLETE; class <= TALLY_NO_REPLY; class++)
        sheet_count(sheet, (size_t)outcome->tally.classes[class]);
    sheet_numbers(sheet, (double[]){ rates.response[0], rates.response[1], rates.response[4], rates.response[5], rates.cooperation[0],
                                     rates.cooperation[1], rates.refusal[0], rates.refusal[2], rates.contact[0], rates.contact[2],
                                     outcome->tally.n / outcome->total.n, complete(&outcome->tally) / complete(&outcome->total), outcome->rest,
                                     outcome->rest_p, outcome->rest_p_adjusted, outcome->representativity, outcome->design_effect }, 17);
    sheet_text(sheet, warning_of(outcome));
    sheet_end_row(sheet);
}

/* Hands in what the newest period says. */
static void report(const struct outcomes *outcomes, const struct outcome *outcome, struct findings *findings)
{
    const struct panel *panel = outcomes->panel;
    if (outcome->period + 1 != panel->period_count)
        return;
    struct finding finding = { .kind = FINDING_LOW_RESPONSE, .unit = FINDING_SHARE, .panel = panel, .line = outcome->line, .share_of = PANEL_NONE,
                               .figure = "response_rate", .p = NAN, .low = NAN, .high = NAN, .reference = low_response,
                               .value = complete(&outcome->tally) / outcome->tally.n };
    panel_period(panel, outcome->period, finding.period);
    if (outcome->line == panel->total && is_low(outcome)) {
        finding.value = rates_of(&outcome->tally).response[1];
        findings_add(findings, &finding);
    } else if (!isnan(outcome->rest)) {
        finding.kind = FINDING_RESPONSE;
        finding.p = outcome->rest_p;
        finding.reference = finding.value - outcome->rest;
        finding.size = fabs(outcome->rest) * outcome->tally.n / outcome->total.n;
        findings_add(findings, &finding);
    }
}

void survey_response_add(struct release *release, const struct panel *panel, const struct derived_spec *spec, struct findings *findings)
{
    struct outcomes outcomes = { .panel = panel, .spec = spec, .answer = tally_dimension(panel, spec->survey_answer),
                                 .list = mem_zalloc(panel->line_count * panel->period_count, sizeof *outcomes.list) };
    struct sheet sheet;
    for (size_t period = 0; period < panel->period_count; period++)
        for (size_t line = 0; line < panel->line_count; line++)
            add_outcome(&outcomes, line, period);
    adjust(&outcomes);
    sheet_init(&sheet, release);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, rate_columns);
    sheet_open(&sheet, "surveys", panel->table, "", "What became of invitations, and AAPOR's rates");
    for (size_t i = 0; i < outcomes.count; i++) {
        write_outcome(&sheet, &outcomes, &outcomes.list[i]);
        report(&outcomes, &outcomes.list[i], findings);
    }
    free(outcomes.list);
    sheet_close(&sheet);
}
