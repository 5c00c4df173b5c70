/* Exponential smoothing with additive season and damped trend (Holt 1957, Winters 1960, Gardner & McKenzie 1985):
 *   expected  = level + phi trend + season[t - m]
 *   level     = alpha (y[t] - season[t - m]) + (1 - alpha)(level + phi trend)
 *   trend     = beta (new level - level) + (1 - beta) phi trend
 *   season[t] = gamma (y[t] - new level) + (1 - gamma) season[t - m]
 * With phi = 1 this is R's HoltWinters(). Over a missing period the state is carried on without an error. */
#ifndef STATS_METHOD_HOLT_WINTERS_H
#define STATS_METHOD_HOLT_WINTERS_H

#include "stats/method/method.h"

enum { HOLT_WINTERS_MAX_SEASON = 64 };

struct holt_winters_parameters {
    double alpha, beta, gamma, phi; /* each in 0..1; phi = 1: not damped */
};

struct holt_winters_state {
    double level, trend;
    double
        seasonal[HOLT_WINTERS_MAX_SEASON]; /* of the next `season` periods, the next one first; without a season: 0 */
};

/* Runs over the series from `state`, which then is the state after it. The one-step errors go into errors[0..n), 0 where
 * the value is missing. Returns the sum of their squares. */
double holt_winters_filter(const struct series *series, const struct holt_winters_parameters *parameters,
                           struct holt_winters_state *state, double *errors);

/* What the state says about the h-th period after it, h >= 1. */
double holt_winters_expected(const struct holt_winters_state *state, double phi, size_t season, size_t h);

#endif
