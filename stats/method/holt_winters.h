/* Exponential smoothing with additive season and damped trend (Holt 1957, Winters 1960, Gardner & McKenzie 1985):
 *   expected  = level + phi trend + season[t - m]
 *   level     = alpha (y[t] - season[t - m]) + (1 - alpha)(level + phi trend)
 *   trend     = beta (new level - level) + (1 - beta) phi trend
 *   season[t] = gamma (y[t] - new level) + (1 - gamma) season[t - m]
 * With phi = 1 this is R's HoltWinters(). Over a missing period the state is carried on without an error.
 *
 * The recursion is linear, so it runs over several columns at once: the first sees the series, the others a series of
 * zeros with the same gaps, which shows what their start values do (holt_winters_regress.h). */
#ifndef STATS_METHOD_HOLT_WINTERS_H
#define STATS_METHOD_HOLT_WINTERS_H

#include "stats/method/method.h"

struct holt_winters_parameters {
    double alpha, beta, gamma, phi; /* each in 0..1; phi = 1: not damped */
};

/* The states of all columns. Free with holt_winters_state_clear(). */
struct holt_winters_state {
    size_t columns, season; /* season 1: none, and `seasonal` stays 0 */
    double *level, *trend;  /* a value per column */
    double *seasonal;       /* columns values for each of `season` places */
    size_t place;           /* of the next period */
};

void holt_winters_state_init(struct holt_winters_state *state, size_t columns, size_t season); /* all zero */
void holt_winters_state_zero(struct holt_winters_state *state);
void holt_winters_state_clear(struct holt_winters_state *state);

/* Runs over the series. The one-step errors go into errors[0 .. n × columns), period after period; 0 where the value is
 * missing. */
void holt_winters_filter(const struct series *series, const struct holt_winters_parameters *parameters,
                         struct holt_winters_state *state, double *errors);

/* What a column's state says about the h-th period after it, h >= 1; `damping` is phi + phi^2 + .. + phi^h. */
double holt_winters_expected(const struct holt_winters_state *state, size_t column, size_t h, double damping);

#endif
