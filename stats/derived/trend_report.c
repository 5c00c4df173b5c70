#include "stats/derived/trend_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How far a difference moves the table: in percentage points, in parts of a score's range, or in parts of the level; times
 * the part of the cases that the series speaks for. */
static double size_of(const struct trend_series *of, double difference, double level)
{
    double scale = of->kind == TREND_SHARE ? 1 : isfinite(of->highest - of->lowest) ? of->highest - of->lowest : fabs(level);
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

static void report_step(struct findings *findings, const struct trend_view *view, const struct trend_test *test, double p)
{
    struct finding finding = finding_of(view, test, FINDING_CHANGE);
    finding.value = test->change.median_after;
    finding.reference = test->change.median_before;
    finding.p = p;
    finding.size = size_of(test->of, finding.value - finding.reference, finding.reference);
    panel_period(view->panel, test->change.first_after, finding.period);
    findings_add(findings, &finding);
}

static void report_line(struct findings *findings, const struct trend_view *view, const struct trend_test *test, double p)
{
    struct finding finding = finding_of(view, test, FINDING_TREND);
    const struct theil_sen *line = &test->level;
    double start = (double)(test->first - view->usable->span.first), end = (double)(test->last - view->usable->span.first);
    finding.reference = line->intercept + line->slope * start;
    finding.value = line->intercept + line->slope * end;
    finding.low = line->has_interval ? line->low : NAN;
    finding.high = line->has_interval ? line->high : NAN;
    finding.slope = line->slope;
    finding.p = p;
    finding.size = size_of(test->of, finding.value - finding.reference, finding.reference);
    panel_period(view->panel, test->first, finding.since);
    panel_period(view->panel, test->last, finding.period);
    findings_add(findings, &finding);
}

/* One question of two tests, so the smaller p counts twice (Bonferroni); said as what fits better. Without its season
 * known, half a year of a yearly pattern looks like either: no question then. */
static void report_shape(struct findings *findings, const struct trend_view *view, const struct trend_test *test)
{
    if (test->of->series.season > 1 && !test->is_seasonal)
        return;
    double change = test->change_reason == METHOD_OK ? test->change.p : NAN;
    double p = fmin(1, 2 * fmin(test->trend_p, change)); /* fmin() leaves out NAN */
    if (test->steps)
        report_step(findings, view, test, p);
    else if (test->level_reason == METHOD_OK)
        report_line(findings, view, test, p);
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
    finding.p = expected->p;
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
    findings_add(findings, &finding);
}

void trend_report(struct findings *findings, const struct trend_view *view)
{
    report_artefact(findings, view->panel, &view->usable->end, ARTEFACT_END);
    report_artefact(findings, view->panel, &view->usable->beginning, ARTEFACT_BEGINNING);
    for (size_t i = 0; i < view->count; i++) {
        report_shape(findings, view, &view->tests[i]);
        report_last(findings, view, &view->tests[i]);
    }
}
