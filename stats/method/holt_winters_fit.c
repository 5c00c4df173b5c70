#include "stats/method/holt_winters_fit.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "core/err.h"
#include "core/mem.h"
#include "stats/method/holt_winters_regress.h"

enum { SPARE_VALUES = 6 };

/* The grid: about evenly spaced, closer where the level is slow and a forecast changes most. */
static const double alphas[] = { 0.02, 0.15, 0.4, 0.7, 0.95 };
static const double betas[] = { 0.05, 0.3, 0.55 };
static const double gammas[] = { 0.01, 0.15, 0.5 };
static const double phis[] = { 0.85, 0.97 };
#define LENGTH(array) (sizeof(array) / sizeof *(array))
enum { MAX_POINTS = LENGTH(alphas) * LENGTH(betas) * LENGTH(gammas) * LENGTH(phis) };

/* One point of the grid with what it says. */
struct candidate {
    struct holt_winters_solution solution;
    double weight;
    double means[HOLT_WINTERS_MAX_HORIZON], variances[HOLT_WINTERS_MAX_HORIZON];
};

struct average {
    struct candidate *candidates;
    size_t count;
};

static size_t gamma_count(bool seasonal)
{
    return seasonal ? LENGTH(gammas) : 1;
}

/* The i-th point; false after the last. Without a season gamma is 0, undamped phi is 1. */
static bool grid_point(size_t i, bool seasonal, bool damped, struct holt_winters_parameters *out)
{
    size_t inner = LENGTH(alphas) * LENGTH(betas), middle = inner * gamma_count(seasonal);
    if (i >= middle * (damped ? LENGTH(phis) : 1))
        return false;
    *out = (struct holt_winters_parameters){
        .alpha = alphas[i % LENGTH(alphas)],
        .beta = betas[i % inner / LENGTH(alphas)],
        .gamma = seasonal ? gammas[i % middle / inner] : 0,
        .phi = damped ? phis[i / middle] : 1,
    };
    return true;
}

static void solve_all(struct holt_winters_regress *regress, const struct series *series,
                      const struct holt_winters_request *request, struct average *average)
{
    struct holt_winters_parameters parameters;
    for (size_t i = 0; grid_point(i, series->season > 1, request->damped, &parameters); i++) {
        struct candidate *candidate = &average->candidates[average->count];
        if (!holt_winters_regress_solve(regress, parameters, &candidate->solution))
            continue;
        holt_winters_regress_forecast(regress, request->horizon, candidate->means, candidate->variances);
        average->count++;
    }
}

static void weigh(struct average *average)
{
    double best = -INFINITY, sum = 0;
    for (size_t i = 0; i < average->count; i++)
        best = fmax(best, average->candidates[i].solution.log_likelihood);
    for (size_t i = 0; i < average->count; i++) {
        average->candidates[i].weight = exp(average->candidates[i].solution.log_likelihood - best);
        sum += average->candidates[i].weight;
    }
    for (size_t i = 0; i < average->count; i++)
        average->candidates[i].weight /= sum;
}

static struct holt_winters_fit summarise(const struct average *average, size_t degrees_of_freedom)
{
    struct holt_winters_fit fit = { .degrees_of_freedom = degrees_of_freedom };
    double variance = 0;
    for (size_t i = 0; i < average->count; i++) {
        const struct candidate *candidate = &average->candidates[i];
        fit.parameters.alpha += candidate->weight * candidate->solution.parameters.alpha;
        fit.parameters.beta += candidate->weight * candidate->solution.parameters.beta;
        fit.parameters.gamma += candidate->weight * candidate->solution.parameters.gamma;
        fit.parameters.phi += candidate->weight * candidate->solution.parameters.phi;
        variance += candidate->weight * candidate->solution.squares / (double)degrees_of_freedom;
    }
    fit.sigma = sqrt(variance);
    return fit;
}

/* The variance of a mixture: the mean variance plus the variance of the means. */
static struct holt_winters_forecast forecast_at(const struct average *average, size_t h, double quantile,
                                                size_t degrees_of_freedom)
{
    double mean = 0, variance = 0;
    for (size_t i = 0; i < average->count; i++)
        mean += average->candidates[i].weight * average->candidates[i].means[h];
    for (size_t i = 0; i < average->count; i++) {
        const struct candidate *candidate = &average->candidates[i];
        double scale = candidate->solution.squares / (double)degrees_of_freedom, off = candidate->means[h] - mean;
        variance += candidate->weight * (candidate->variances[h] * scale + off * off);
    }
    double half = quantile * sqrt(variance);
    return (struct holt_winters_forecast){ mean, mean - half, mean + half };
}

static enum method_reason check(const struct series *series)
{
    if (series->season > HOLT_WINTERS_MAX_SEASON)
        return METHOD_OUT_OF_RANGE;
    size_t starts = series->season > 1 ? series->season + 1 : 2;
    enum method_reason reason = series_check(series, starts + SPARE_VALUES);
    if (reason != METHOD_OK)
        return reason;
    return series->season > 1 && !series_has_two_cycles(series) ? METHOD_TOO_FEW_CYCLES : METHOD_OK;
}

static bool all_finite(const struct holt_winters_forecast *forecast, size_t horizon)
{
    for (size_t h = 0; h < horizon; h++)
        if (!isfinite(forecast[h].low) || !isfinite(forecast[h].high))
            return false;
    return true;
}

enum method_reason holt_winters_fit(const struct series *series, const struct holt_winters_request *request,
                                    struct holt_winters_fit *fit, struct holt_winters_forecast *forecast)
{
    BUG_ON(request->horizon > HOLT_WINTERS_MAX_HORIZON);
    enum method_reason reason = check(series);
    if (reason != METHOD_OK)
        return reason;
    struct holt_winters_regress *regress = holt_winters_regress_new(series);
    struct average average = { mem_zalloc(MAX_POINTS, sizeof *average.candidates), 0 };
    solve_all(regress, series, request, &average);
    weigh(&average);
    size_t degrees_of_freedom = holt_winters_regress_degrees(regress);
    struct holt_winters_fit found = summarise(&average, degrees_of_freedom);
    struct holt_winters_forecast periods[HOLT_WINTERS_MAX_HORIZON];
    double quantile = gsl_cdf_tdist_Qinv((1 - request->confidence) / 2, (double)degrees_of_freedom);
    for (size_t h = 0; h < request->horizon; h++)
        periods[h] = forecast_at(&average, h, quantile, degrees_of_freedom);
    bool fits = average.count > 0 && isfinite(found.sigma) && all_finite(periods, request->horizon);
    if (fits) {
        *fit = found;
        for (size_t h = 0; h < request->horizon; h++)
            forecast[h] = periods[h];
    }
    free(average.candidates);
    holt_winters_regress_free(regress);
    return fits ? METHOD_OK : METHOD_NO_FIT;
}
