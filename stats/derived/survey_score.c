#include "stats/derived/survey_score.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/strbuf.h"
#include "core/wilson.h"
#include "stats/method/nps.h"
#include "stats/method/two_proportions.h"

static const double level = 0.95;

struct score score_of_counts(enum survey_kind kind, double n, double good, double bad)
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

static size_t measure_column(const struct panel *panel, const struct derived_spec *spec, const char *figure)
{
    struct strbuf name = { 0 };
    strbuf_addf(&name, "%s_%s", spec->survey_answer, figure);
    size_t column = panel_column(panel, strbuf_text(&name));
    strbuf_release(&name);
    return column;
}

static double measure_value(const struct panel *panel, const struct derived_spec *spec, size_t line, size_t period, const char *figure)
{
    size_t column = measure_column(panel, spec, figure);
    return column == PANEL_NONE ? NAN : panel_value(panel, line, period, column);
}

static struct score score_of_mean(double n, double mean, double variance)
{
    double half = gsl_cdf_ugaussian_Pinv((1 + level) / 2) * sqrt(variance / n);
    return (struct score){ n, mean, mean - half, mean + half, variance, 0 };
}

static bool mean_line(const struct panel *panel, const struct derived_spec *spec, size_t line, size_t period, struct score *out)
{
    double n = measure_value(panel, spec, line, period, "n"), sd = measure_value(panel, spec, line, period, "sd");
    *out = score_of_mean(n, measure_value(panel, spec, line, period, "mean"), sd * sd);
    return !panel->lines[line].withheld && !isnan(out->low) && n > 1;
}

bool score_line(const struct panel *panel, const struct derived_spec *spec, size_t line, size_t period, struct score *out)
{
    struct tally tally;
    if (spec->survey == SURVEY_KIND_MEAN)
        return mean_line(panel, spec, line, period, out);
    const struct tally_question question = { spec->survey, tally_dimension(panel, spec->survey_answer), spec->survey_missing };
    if (panel_depth(panel, line, question.dimension) || !tally_of(panel, &question, line, period, &tally))
        return false;
    *out = score_of_counts(spec->survey, tally.n, tally.classes[TALLY_GOOD], tally.classes[TALLY_BAD]);
    return true;
}

/* Two groups of which n, mean and variance are known, as one. */
static struct score pool_means(const struct score *a, const struct score *b)
{
    double n = a->n + b->n, mean = (a->n * a->value + b->n * b->value) / n;
    double squares = (a->n - 1) * a->good + (b->n - 1) * b->good + a->n * pow(a->value - mean, 2) + b->n * pow(b->value - mean, 2);
    return score_of_mean(n, mean, squares / (n - 1));
}

bool score_all(const struct panel *panel, const struct derived_spec *spec, size_t line, struct score *out)
{
    bool found = false;
    for (size_t period = 0; period < panel->period_count; period++) {
        struct score score;
        if (!score_line(panel, spec, line, period, &score))
            continue;
        if (!found)
            *out = score;
        else if (spec->survey == SURVEY_KIND_MEAN)
            *out = pool_means(out, &score);
        else
            *out = score_of_counts(spec->survey, out->n + score.n, out->good + score.good, out->bad + score.bad);
        found = true;
    }
    return found;
}

void score_compare(enum survey_kind kind, const struct score *first, const struct score *second, double *difference, double *p)
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

double score_range(const struct panel *panel, const struct derived_spec *spec)
{
    if (spec->survey != SURVEY_KIND_MEAN)
        return spec->survey == SURVEY_KIND_NPS ? 2 : 1;
    size_t mean = measure_column(panel, spec, "mean");
    const struct released_column *column = mean == PANEL_NONE ? NULL : released_column(panel->table, mean);
    return column && column->bounded ? column->maximum - column->minimum : INFINITY;
}

void score_name(const struct derived_spec *spec, struct strbuf *out)
{
    const char *suffix = spec->survey == SURVEY_KIND_NPS ? "nps" : spec->survey == SURVEY_KIND_CSAT ? "csat" : "mean";
    strbuf_addf(out, "%s_%s", spec->survey_answer, suffix);
}
