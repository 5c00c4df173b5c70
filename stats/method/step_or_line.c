#include "stats/method/step_or_line.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "core/mem.h"

/* By the criterion of Schwarz (1978), n log(rest) + parameters × log n: the place of a step counts as two. */
static const double penalty = 2;

static size_t cycle_of(const struct series *series)
{
    return series_has_two_cycles(series) ? series->season : 1;
}

/* The means of each season over the present periods. */
static void season_means(const struct series *series, const double *values, double *means)
{
    size_t cycle = cycle_of(series);
    for (size_t s = 0; s < cycle; s++) {
        double sum = 0, count = 0;
        for (size_t i = s; i < series->n; i += cycle) {
            if (isnan(series->values[i]))
                continue;
            sum += values[i];
            count++;
        }
        means[s] = count > 0 ? sum / count : 0;
    }
}

struct fit {
    double coefficient, explained, left; /* sums of squares */
};

/* Least squares of the values on seasonal means and `regressor`. `work` is room for two cycles. */
static struct fit regress(const struct series *series, const double *regressor, double *work)
{
    size_t cycle = cycle_of(series);
    double *value_means = work, *regressor_means = work + cycle, xy = 0, xx = 0, yy = 0;
    season_means(series, series->values, value_means);
    season_means(series, regressor, regressor_means);
    for (size_t i = 0; i < series->n; i++) {
        if (isnan(series->values[i]))
            continue;
        double x = regressor[i] - regressor_means[i % cycle];
        double y = series->values[i] - value_means[i % cycle];
        xy += x * y;
        xx += x * x;
        yy += y * y;
    }
    double explained = xx > 1e-12 ? xy * xy / xx : 0;
    return (struct fit){ xx > 1e-12 ? xy / xx : 0, explained, fmax(0, yy - explained) };
}

/* p of a regressor that explains so much of what is left otherwise. */
static double p_of(const struct fit *fit, double parameters, double df, double variance_factor)
{
    if (fit->left <= 0)
        return fit->explained > 0 ? 0 : 1;
    return gsl_cdf_fdist_Q(fit->explained / parameters / (fit->left / df) / variance_factor, parameters, df);
}

static void fill_regressor(const struct series *series, bool is_step, size_t first_after, double *out)
{
    for (size_t i = 0; i < series->n; i++)
        out[i] = is_step ? i >= first_after : (double)i;
}

static struct fit best_step(const struct series *series, const struct points *points, double *regressor, double *work,
                            struct step_or_line *out)
{
    struct fit best = { 0, -1, 0 };
    for (size_t i = STEP_OR_LINE_MARGIN; i + STEP_OR_LINE_MARGIN <= points->n; i++) {
        fill_regressor(series, true, (size_t)points->time[i], regressor);
        struct fit fit = regress(series, regressor, work);
        if (fit.explained <= best.explained)
            continue;
        best = fit;
        out->first_after = (size_t)points->time[i];
        out->last_before = (size_t)points->time[i - 1];
    }
    return best;
}

/* Sum of squares left by one mean and the line or step that fits best then, without seasons. */
static double left_without_season(const struct series *series, const struct points *points, double *regressor)
{
    struct series plain = { series->values, series->n, 1 };
    struct step_or_line unused;
    double work[2];
    double step = best_step(&plain, points, regressor, work, &unused).left;
    fill_regressor(series, false, 0, regressor);
    return fmin(step, regress(&plain, regressor, work).left);
}

/* F of the seasons; the shape and its place count as parameters that both models choose freely. */
static void test_season(const struct series *series, const struct points *points, const struct fit *with,
                        double *regressor, struct step_or_line *out)
{
    double cycle = (double)cycle_of(series), df = (double)points->n - cycle - 1 - penalty;
    out->has_season = cycle > 1;
    if (!out->has_season)
        return;
    double without = left_without_season(series, points, regressor);
    struct fit season = { 0, fmax(0, without - with->left), with->left };
    out->season_p = p_of(&season, cycle - 1, df, 1);
}

static enum method_reason fit_both(const struct series *series, double variance_factor, struct step_or_line *out)
{
    double *regressor = mem_zalloc(series->n, sizeof *regressor),
           *work = mem_zalloc(2 * cycle_of(series), sizeof *work);
    struct points points = points_of(series);
    double n = (double)points.n, df = n - (double)cycle_of(series) - 1;
    struct fit step = best_step(series, &points, regressor, work, out);
    fill_regressor(series, false, 0, regressor);
    struct fit line = regress(series, regressor, work);
    out->is_step = step.left * pow(n, penalty / n) < line.left;
    out->step = step.coefficient;
    out->slope = line.coefficient;
    out->line_p = p_of(&line, 1, df, variance_factor);
    out->step_p = fmin(1, p_of(&step, 1, df, variance_factor) * (n - 2 * STEP_OR_LINE_MARGIN + 1));
    test_season(series, &points, out->is_step ? &step : &line, regressor, out);
    points_free(&points);
    free(regressor);
    free(work);
    if (!isfinite(step.explained) || !isfinite(line.explained))
        return METHOD_OUT_OF_RANGE;
    return step.explained <= 0 && line.explained <= 0 ? METHOD_CONSTANT : METHOD_OK;
}

enum method_reason step_or_line(const struct series *series, double variance_factor, struct step_or_line *out)
{
    size_t cycle = cycle_of(series);
    enum method_reason reason = series_check(series, cycle > 1 ? cycle + 4 : 2 * STEP_OR_LINE_MARGIN);
    if (reason != METHOD_OK)
        return reason;
    struct step_or_line shape = { 0 };
    reason = fit_both(series, variance_factor, &shape);
    if (reason == METHOD_OK)
        *out = shape;
    return reason;
}

/* The series less the step or the line. */
static void take_shape_out(const struct series *series, const struct step_or_line *shape, double *out)
{
    fill_regressor(series, shape->is_step, shape->first_after, out);
    for (size_t i = 0; i < series->n; i++)
        out[i] = series->values[i] - (shape->is_step ? shape->step : shape->slope) * out[i];
}

void step_or_line_effects(const struct series *series, const struct step_or_line *shape, double *effects)
{
    size_t cycle = cycle_of(series);
    double *rest = mem_zalloc(series->n, sizeof *rest), middle = 0;
    take_shape_out(series, shape, rest);
    season_means(series, rest, effects);
    for (size_t s = 0; s < cycle; s++)
        middle += effects[s] / (double)cycle;
    for (size_t s = 0; s < cycle; s++)
        effects[s] -= middle;
    for (size_t s = cycle; s < series->season; s++)
        effects[s] = 0;
    free(rest);
}

void step_or_line_without_season(const struct series *series, const struct step_or_line *shape, double *out)
{
    double *effects = mem_zalloc(series->season, sizeof *effects);
    step_or_line_effects(series, shape, effects);
    for (size_t i = 0; i < series->n; i++)
        out[i] = series->values[i] - effects[i % series->season];
    free(effects);
}
