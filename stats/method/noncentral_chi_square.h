/* The noncentral chi-square distribution as a Poisson mixture of central ones, summed outward from the largest weight
 * (Benton & Krishnamoorthy 2003). */
#ifndef STATS_METHOD_NONCENTRAL_CHI_SQUARE_H
#define STATS_METHOD_NONCENTRAL_CHI_SQUARE_H

/* P(X <= x) with df > 0 degrees of freedom and noncentrality lambda >= 0. */
double noncentral_chi_square_cdf(double x, double df, double lambda);

/* The lambda for which P(X <= x) is `probability`; 0 if even lambda = 0 gives less. */
double noncentral_chi_square_lambda(double x, double df, double probability);

#endif
