#include "stats/derived/trend_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How far a difference moves the table: in percentage points, in parts of a score's range, or in parts of the level; times
 * the part of the cases that the series speaks for. */
static double size_of(const struct trend_series *of, double difference, double level)
{
    double scale = of->kind == TREND_SHARE              ? 1
                   : isfinite(of->highest - of->lowest) ? of->highest - of->lowest
                                                        : fabs(level);
    return scale > 0 ? fmin(1, fabs(difference) / scale) * of->weight : 0;
}

static struct finding finding_of(const struct trend_view *view, const struct trend_test *test, enum finding_kind kind)
{
    const struct trend_series *of = test->of;
    bool is_share = of->kind == TREND_SHARE || (of->lowest == 0 && of->highest == 1);
    return (struct finding){
        .kind = kind,
        .unit = is_share ? FINDING_SHARE : FINDING_NUMBER,
        .panel = view->panel,
        .line = of->line,
        .figure = of->figure,
        .share_of = of->kind == TREND_SHARE ? of->share_of : PANEL_NONE,
        .low = NAN,
        .high = NAN,
    };
}

static void report_step(struct findings *findings, const struct trend_view *view, const struct trend_test *test,
                        double p)
{
    struct finding finding = finding_of(view, test, FINDING_CHANGE);
    finding.value = test->change.after;
    finding.reference = test->change.before;
    finding.p = p;
    finding.size = size_of(test->of, finding.value - finding.reference, finding.reference);
    panel_period(view->panel, test->change.first_after, finding.period);
    findings_add(findings, &finding);
}

/* The line: the slope with its interval, and where it begins and ends. */
static void report_line(struct findings *findings, const struct trend_view *view, const struct trend_test *test,
                        double p)
{
    struct finding finding = finding_of(view, test, FINDING_TREND);
    const struct seasonal_kendall *seasonal = &test->seasonal;
    bool by_season = test->seasonal_reason == METHOD_OK;
    bool has_interval = by_season ? seasonal->has_interval : test->line.has_interval;
    double span = (double)(test->last - test->first), middle = test->middle;
    finding.slope = by_season ? seasonal->slope : test->line.slope;
    finding.reference = middle - finding.slope * span / 2;
    finding.value = middle + finding.slope * span / 2;
    if (has_interval) {
        finding.low = by_season ? seasonal->low : test->line.low;
        finding.high = by_season ? seasonal->high : test->line.high;
    }
    finding.p = p;
    finding.size = size_of(test->of, finding.value - finding.reference, finding.reference);
    panel_period(view->panel, test->first, finding.since);
    panel_period(view->panel, test->last, finding.period);
    findings_add(findings, &finding);
}

static void report_season(struct findings *findings, const struct trend_view *view, const struct trend_test *test)
{
    if (isnan(test->season_p))
        return;
    struct finding finding = finding_of(view, test, FINDING_SEASON);
    size_t high, low, first = view->usable->span.first;
    trend_season_extremes(test, view->panel->season, &high, &low);
    finding.value = test->middle + test->effects[high];
    finding.reference = test->middle + test->effects[low];
    finding.p = test->season_p;
    finding.size = size_of(test->of, finding.value - finding.reference, test->middle) / 2;
    panel_season(view->panel, first + high, finding.period);
    panel_season(view->panel, first + low, finding.since);
    findings_add(findings, &finding);
}

/* The p by regression, which finds more in few years; but only where a rank test agrees, which no single wild value can
 * sway. Without its season known, half a year of a yearly pattern looks like a trend: no question then. */
static double shape_p(const struct trend_test *test)
{
    double change = test->change_reason == METHOD_OK ? test->change.p : NAN;
    if (test->of->series.season > 1 && !test->is_seasonal)
        return NAN;
    return fmin(test->trend_p, change) < 0.05 ? test->shape_p : 1; /* fmin() leaves out NAN */
}

static void report_shape(struct findings *findings, const struct trend_view *view, const struct trend_test *test)
{
    double p = shape_p(test);
    if (isnan(p) || test->shape_reason != METHOD_OK)
        return;
    if (test->shape.is_step && test->change_reason == METHOD_OK)
        report_step(findings, view, test, p);
    else if (test->line_reason == METHOD_OK)
        report_line(findings, view, test, p);
}

/* Within its limits nothing is unusual, however many other findings there are. */
static double last_p(const struct last_value *expected)
{
    return expected->value < expected->low || expected->value > expected->high ? expected->p : 1;
}

static void report_last(struct findings *findings, const struct trend_view *view, const struct trend_test *test)
{
    const struct last_value *expected = &test->expected;
    if (test->last_reason != METHOD_OK || expected->basis == LAST_VALUE_RANGES)
        return;
    struct finding finding = finding_of(view, test, FINDING_LAST);
    finding.value = expected->value;
    finding.reference = expected->expected;
    finding.low = expected->low;
    finding.high = expected->high;
    finding.p = last_p(expected);
    finding.size = size_of(test->of, expected->value - expected->expected, expected->expected);
    panel_period(view->panel, view->usable->span.last, finding.period);
    findings_add(findings, &finding);
}

static void report_artefact(struct findings *findings, const struct panel *panel, const struct artefact *artefact,
                            enum artefact_side side)
{
    if (!artefact->found)
        return;
    struct finding finding = {
        .kind = side == ARTEFACT_END ? FINDING_END : FINDING_BEGINNING,
        .panel = panel,
        .line = panel->total,
        .figure = "cases",
        .share_of = PANEL_NONE,
        .size = 1,
        .value = artefact->doubtful_level,
        .reference = artefact->sound_level,
        .low = NAN,
        .high = NAN,
    };
    panel_period(panel, artefact->first_doubtful, finding.period);
    panel_period(panel, artefact->last_sound, finding.since);
    findings_add(findings, &finding);
}

void trend_report(struct findings *findings, const struct trend_view *view)
{
    report_artefact(findings, view->panel, &view->usable->end, ARTEFACT_END);
    report_artefact(findings, view->panel, &view->usable->beginning, ARTEFACT_BEGINNING);
    for (size_t i = 0; i < view->count; i++) {
        report_shape(findings, view, &view->tests[i]);
        report_season(findings, view, &view->tests[i]);
        report_last(findings, view, &view->tests[i]);
    }
}
