#include "stats/derived/trend_parts.h"

#include <math.h>
#include <stdlib.h>

#include "stats/method/pettitt.h"
#include "stats/method/seasonal_pettitt.h"
#include "stats/method/two_proportions.h"
#include "stats/method/welch.h"
#include "stats/method/xmr.h"

static void test_shares(const struct trend_series *of, size_t earlier, size_t last, struct trend_change *out)
{
    const struct proportion now = { of->counts[last], of->exposures[last] };
    const struct proportion then = { of->counts[earlier], of->exposures[earlier] };
    struct two_proportions test;
    if (two_proportions(&now, &then, 0.95, &test) != METHOD_OK)
        return;
    out->tested = true;
    out->low = test.low;
    out->high = test.high;
    out->p = test.p;
}

static bool sample_at(const struct panel *panel, const struct trend_series *of, size_t period, struct welch_sample *out)
{
    *out = (struct welch_sample){
        panel_value(panel, of->line, period, of->measure.n_column),
        of->values[period],
        panel_value(panel, of->line, period, of->measure.sd_column),
    };
    return !isnan(out->n) && !isnan(out->sd);
}

static void test_means(const struct panel *panel, const struct trend_series *of, size_t earlier, size_t last,
                       struct trend_change *out)
{
    struct welch_sample now, then;
    struct welch test;
    if (!sample_at(panel, of, last, &now) || !sample_at(panel, of, earlier, &then) ||
        welch_test(&now, &then, 0.95, &test) != METHOD_OK)
        return;
    out->tested = true;
    out->low = test.low;
    out->high = test.high;
    out->p = test.p;
}

static struct trend_change compare(const struct panel *panel, const struct trend_series *of, size_t last, size_t back)
{
    struct trend_change out = { 0 };
    if (last < back || isnan(of->values[last]) || isnan(of->values[last - back]))
        return out;
    out.present = true;
    out.earlier = of->values[last - back];
    out.change = of->values[last] - out.earlier;
    out.percent = out.earlier > 0 ? 100 * out.change / out.earlier : NAN;
    if (of->kind == TREND_SHARE)
        test_shares(of, last - back, last, &out);
    else if (of->measure.n_column != PANEL_NONE)
        test_means(panel, of, last - back, last, &out);
    return out;
}

void trend_compare(const struct panel *panel, const struct trend_series *of, size_t last,
                   struct trend_change *on_period, struct trend_change *on_year)
{
    *on_period = compare(panel, of, last, 1);
    *on_year = of->series.season > 1 ? compare(panel, of, last, of->series.season) : (struct trend_change){ 0 };
}

/* Medians before and from `first_after`. */
static void levels_of(const struct series *level, size_t first_after, struct trend_step *out)
{
    struct series before = { level->values, first_after, 1 };
    struct series after = { level->values + first_after, level->n - first_after, 1 };
    struct points left = points_of(&before), right = points_of(&after);
    out->before = median_in_place(left.value, left.n);
    out->after = median_in_place(right.value, right.n);
    points_free(&left);
    points_free(&right);
}

static enum method_reason step_in_season(const struct series *series, const struct step_or_line *shape,
                                         struct trend_step *out)
{
    struct seasonal_pettitt test;
    enum method_reason reason = seasonal_pettitt(series, &test);
    if (reason != METHOD_OK)
        return reason;
    if (shape->first_after == 0)
        return METHOD_TOO_SHORT; /* for a place beside the season */
    out->p = test.p;
    out->first_after = shape->first_after;
    return METHOD_OK;
}

static enum method_reason step_in_level(const struct series *level, struct trend_step *out)
{
    struct pettitt test;
    enum method_reason reason = pettitt(level, &test);
    if (reason != METHOD_OK)
        return reason;
    out->p = test.p;
    out->first_after = test.first_after;
    return METHOD_OK;
}

enum method_reason trend_step_of(const struct series *series, const struct series *level,
                                 const struct step_or_line *shape, struct trend_step *out)
{
    struct trend_step step = { 0 };
    bool seasonal = series_has_two_cycles(series);
    enum method_reason reason = cusum(level, &step.cusum);
    if (reason == METHOD_OK)
        reason = seasonal ? step_in_season(series, shape, &step) : step_in_level(level, &step);
    if (reason != METHOD_OK)
        return reason;
    if (seasonal)
        step.cusum.p = NAN;
    levels_of(level, step.first_after, &step);
    *out = step;
    return METHOD_OK;
}

static enum method_reason chart_attributes(const struct trend_series *of, struct span usable, struct trend_chart *out)
{
    size_t n = usable.last - usable.first;
    double *ones = mem_zalloc(n + 1, sizeof *ones);
    for (size_t i = 0; i <= n; i++)
        ones[i] = isnan(of->values[usable.first + i]) ? NAN : 1;
    bool counted = of->kind == TREND_CASES;
    const double *exposures = counted ? ones : of->exposures + usable.first;
    const struct attribute_series series = {
        .counts = (counted ? of->values : of->counts) + usable.first,
        .exposures = exposures,
        .n = n,
        .kind = of->kind == TREND_SHARE ? ATTRIBUTE_P : ATTRIBUTE_U,
    };
    struct attribute_chart chart;
    enum method_reason reason = attribute_chart(&series, exposures[n], &chart);
    free(ones);
    if (reason == METHOD_OK)
        *out = (struct trend_chart){ series.kind == ATTRIBUTE_P ? "p" : "u", chart.centre * of->scale, chart.dispersion,
                                     chart.low * of->scale, chart.high * of->scale };
    return reason;
}

enum method_reason trend_chart_of(const struct trend_series *of, struct span usable, struct trend_chart *out)
{
    if (isnan(of->values[usable.last]))
        return METHOD_GAPS;
    if (of->kind != TREND_FIGURE)
        return chart_attributes(of, usable, out);
    struct series earlier = { of->values + usable.first, usable.last - usable.first, of->series.season };
    struct xmr xmr;
    enum method_reason reason = xmr_chart(&earlier, true, &xmr);
    if (reason == METHOD_OK)
        *out = (struct trend_chart){ "xmr", xmr.centre, NAN, fmax(xmr.low, of->lowest), fmin(xmr.high, of->highest) };
    return reason;
}
