#include "stats/derived/trend_parts.h"

#include <math.h>
#include <stdlib.h>

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

void trend_compare(const struct panel *panel, const struct trend_series *of, size_t last, struct trend_change *on_period,
                   struct trend_change *on_year)
{
    *on_period = compare(panel, of, last, 1);
    *on_year = of->series.season > 1 ? compare(panel, of, last, of->series.season) : (struct trend_change){ 0 };
}

/* The median over the cycles of what season s adds to the line. */
static double season_effect(const struct series *series, const struct theil_sen *line, size_t s)
{
    double *rest = mem_zalloc(series->n, sizeof *rest), effect = 0;
    size_t count = 0;
    for (size_t i = s; i < series->n; i += series->season)
        if (!isnan(series->values[i]))
            rest[count++] = series->values[i] - line->intercept - line->slope * (double)i;
    if (count)
        effect = median_in_place(rest, count);
    free(rest);
    return effect;
}

void trend_without_season(const struct series *series, const struct stl *season, double *out)
{
    struct theil_sen line = { 0 };
    bool by_medians = !season && series_has_two_cycles(series) && theil_sen(series, 0.95, &line) == METHOD_OK;
    for (size_t i = 0; i < series->n; i++)
        out[i] = series->values[i] - (season ? season->seasonal[i] : 0);
    for (size_t s = 0; by_medians && s < series->season; s++) {
        double effect = season_effect(series, &line, s);
        for (size_t i = s; i < series->n; i += series->season)
            out[i] -= effect;
    }
}

static double distance_from_medians(const struct points *points, double first_after)
{
    double *part = mem_zalloc(points->n, sizeof *part), sum = 0;
    for (int side = 0; side < 2; side++) {
        size_t count = 0;
        for (size_t i = 0; i < points->n; i++)
            if ((points->time[i] >= first_after) == (side == 1))
                part[count++] = points->value[i];
        if (count == 0)
            continue;
        double median = median_in_place(part, count);
        for (size_t i = 0; i < count; i++)
            sum += fabs(part[i] - median);
    }
    free(part);
    return sum;
}

bool trend_steps_fit_better(const struct series *series, size_t first_after)
{
    struct theil_sen line;
    if (theil_sen(series, 0.95, &line) != METHOD_OK)
        return false;
    struct points points = points_of(series);
    double from_line = 0, from_medians = distance_from_medians(&points, (double)first_after);
    for (size_t i = 0; i < points.n; i++)
        from_line += fabs(points.value[i] - line.intercept - line.slope * points.time[i]);
    points_free(&points);
    return from_medians < from_line;
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
