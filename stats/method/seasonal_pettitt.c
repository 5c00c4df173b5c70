#include "stats/method/seasonal_pettitt.h"

#include <math.h>

/* Adds what moving value i from the later to the earlier side changes in U: it is no longer compared as a later one with the
 * earlier ones of its season, but as an earlier one with those to come. */
static double moved(const struct series *series, size_t i)
{
    double change = 0;
    for (size_t j = i % series->season; j < series->n; j += series->season) {
        double other = series->values[j];
        if (!isnan(other))
            change += (other > series->values[i]) - (other < series->values[i]);
    }
    return change;
}

static double scale_of(const struct series *series)
{
    double scale = 0;
    for (size_t s = 0; s < series->season; s++) {
        double m = 0;
        for (size_t i = s; i < series->n; i += series->season)
            m += isnan(series->values[i]) ? 0 : 1;
        scale += m * m * (m + 1);
    }
    return scale;
}

enum method_reason seasonal_pettitt(const struct series *series, struct seasonal_pettitt *out)
{
    enum method_reason reason = series_check(series, 4);
    if (reason != METHOD_OK)
        return reason;
    if (!series_has_two_cycles(series))
        return METHOD_TOO_FEW_CYCLES;
    struct seasonal_pettitt test = { 0 };
    double u = 0;
    for (size_t i = 0; i < series->n; i++) {
        if (isnan(series->values[i]))
            continue;
        test.n++;
        u += moved(series, i);
        test.k = fmax(test.k, fabs(u));
    }
    test.p = fmin(1, 2 * exp(-6 * test.k * test.k / scale_of(series)));
    *out = test;
    return METHOD_OK;
}
