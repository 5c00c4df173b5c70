#include "stats/method/cusum.h"

#include <math.h>

#include "stats/method/summary.h"

double kolmogorov_above(double x)
{
    if (x < 0.2)
        return 1; /* the series converges slowly there, and the value is 1 to 12 digits */
    double sum = 0, sign = 1;
    for (int k = 1; k <= 100; k++) {
        double term = exp(-2.0 * k * k * x * x);
        sum += sign * term;
        sign = -sign;
        if (term < 1e-300)
            break;
    }
    return fmin(1, fmax(0, 2 * sum));
}

enum method_reason cusum(const struct series *series, struct cusum *out)
{
    enum method_reason reason = series_check(series, 4);
    if (reason != METHOD_OK)
        return reason;
    struct summary summary;
    reason = summary_of(series, &summary);
    if (reason != METHOD_OK)
        return reason;
    struct cusum chart = { .n = summary.n };
    double sum = 0;
    for (size_t i = 0; i < series->n; i++) {
        if (isnan(series->values[i]))
            continue;
        sum += series->values[i] - summary.mean;
        if (fabs(sum) > chart.largest) {
            chart.largest = fabs(sum);
            chart.last_before = i;
        }
    }
    chart.p = kolmogorov_above(chart.largest / (summary.sd * sqrt((double)summary.n)));
    *out = chart;
    return METHOD_OK;
}
