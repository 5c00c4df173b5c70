#include "stats/method/noncentral_chi_square.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

double noncentral_chi_square_cdf(double x, double df, double lambda)
{
    if (x <= 0)
        return 0;
    if (lambda <= 0)
        return gsl_cdf_chisq_P(x, df);
    double mean = lambda / 2, mode = floor(mean), sum = 0;
    double top = exp(-mean + mode * log(mean) - lgamma(mode + 1));
    double weight = top;
    for (double j = mode; weight > 1e-17; j++) {
        sum += weight * gsl_cdf_chisq_P(x, df + 2 * j);
        weight *= mean / (j + 1);
    }
    weight = top;
    for (double j = mode; j >= 1 && weight > 1e-17; j--) {
        weight *= j / mean;
        sum += weight * gsl_cdf_chisq_P(x, df + 2 * (j - 1));
    }
    return fmin(1, sum);
}

double noncentral_chi_square_lambda(double x, double df, double probability)
{
    double low = 0, high = fmax(x, 1);
    if (noncentral_chi_square_cdf(x, df, 0) <= probability)
        return 0;
    while (noncentral_chi_square_cdf(x, df, high) > probability)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-12 * high; i++) {
        double middle = low + (high - low) / 2;
        if (noncentral_chi_square_cdf(x, df, middle) > probability)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}
