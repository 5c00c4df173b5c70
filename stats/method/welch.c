#include "stats/method/welch.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

static bool is_sound(const struct welch_sample *sample)
{
    return isfinite(sample->n) && isfinite(sample->mean) && isfinite(sample->sd) && sample->sd >= 0;
}

enum method_reason welch_test(const struct welch_sample *first, const struct welch_sample *second, double confidence,
                              struct welch *out)
{
    if (!is_sound(first) || !is_sound(second))
        return METHOD_OUT_OF_RANGE;
    if (first->n < 2 || second->n < 2)
        return METHOD_TOO_SHORT;
    double a = first->sd * first->sd / first->n, b = second->sd * second->sd / second->n;
    if (a + b <= 0)
        return METHOD_CONSTANT;
    struct welch test = { .difference = first->mean - second->mean };
    test.t = test.difference / sqrt(a + b);
    test.df = (a + b) * (a + b) / (a * a / (first->n - 1) + b * b / (second->n - 1));
    test.p = fmin(1, 2 * gsl_cdf_tdist_Q(fabs(test.t), test.df));
    double half = gsl_cdf_tdist_Qinv((1 - confidence) / 2, test.df) * sqrt(a + b);
    test.low = test.difference - half;
    test.high = test.difference + half;
    if (!isfinite(test.t) || !isfinite(test.df) || !isfinite(half))
        return METHOD_OUT_OF_RANGE;
    *out = test;
    return METHOD_OK;
}
