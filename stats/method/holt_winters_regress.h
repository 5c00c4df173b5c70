/* Exponential smoothing with given parameters: the one-step errors are linear in the start values, so that these are a
 * linear regression (Hyndman, Koehler, Ord & Snyder 2008, section 5.2), and the forecast's variance is that of the
 * innovations to come (ETS(A,Ad,A), table 6.1 there) plus that of the estimated start values. With alpha, beta
 * and gamma 0 and phi 1 it is the regression on a line and seasonal means. */
#ifndef STATS_METHOD_HOLT_WINTERS_REGRESS_H
#define STATS_METHOD_HOLT_WINTERS_REGRESS_H

#include "stats/method/holt_winters.h"

struct holt_winters_regress;

/* The series must outlive it and hold more present values than start values: level, trend and all seasons but one. */
struct holt_winters_regress *holt_winters_regress_new(const struct series *series);
void holt_winters_regress_free(struct holt_winters_regress *regress);
/* Present values less start values. */
size_t holt_winters_regress_degrees(const struct holt_winters_regress *regress);

struct holt_winters_solution {
    struct holt_winters_parameters parameters;
    double squares;        /* of the one-step errors */
    double log_likelihood; /* start values and scale integrated out with flat priors (de Jong 1988), up to a constant */
};

/* Solves for the start values; false where there is no finite solution. */
bool holt_winters_regress_solve(struct holt_winters_regress *regress, struct holt_winters_parameters parameters,
                                struct holt_winters_solution *solution);

/* After a solve: means and variances, in units of the error variance, of periods 1 .. horizon after the series. */
void holt_winters_regress_forecast(const struct holt_winters_regress *regress, size_t horizon, double *means,
                                   double *variances);

#endif
