/* Forecast by damped Holt-Winters with fitted parameters. The start values are a regression (holt_winters_regress.h). The
 * smoothing parameters are averaged over a grid, weighted by their likelihood (Bayesian model averaging, flat prior):
 * in short series many values fit almost equally well, and an interval that trusts the best of them alone is too
 * narrow. */
#ifndef STATS_METHOD_HOLT_WINTERS_FIT_H
#define STATS_METHOD_HOLT_WINTERS_FIT_H

#include "stats/method/holt_winters.h"

enum { HOLT_WINTERS_MAX_HORIZON = 24, HOLT_WINTERS_MAX_SEASON = 60 };

struct holt_winters_request {
    double confidence;
    size_t horizon; /* periods after the series, at most HOLT_WINTERS_MAX_HORIZON */
    bool damped;    /* phi within 0.8..0.98 (Hyndman et al. 2008, section 2.7); else 1 */
};

struct holt_winters_fit {
    struct holt_winters_parameters parameters; /* likelihood-weighted means */
    size_t n, degrees_of_freedom;
    double sigma; /* standard deviation of a one-step error */
};

struct holt_winters_forecast {
    double mean, low, high;
};

/* Forecasts into forecast[0..horizon); missing periods are allowed. Needs six more present values than start values
 * (2, with a season m + 1), with a season two cycles (series_has_two_cycles()).
 * EMPTY, TOO_SHORT, TOO_FEW_CYCLES, CONSTANT, OUT_OF_RANGE (also a season above HOLT_WINTERS_MAX_SEASON), NO_FIT. */
enum method_reason holt_winters_fit(const struct series *series, const struct holt_winters_request *request,
                                    struct holt_winters_fit *fit, struct holt_winters_forecast *forecast);

#endif
