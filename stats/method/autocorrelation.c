#include "stats/method/autocorrelation.h"

#include "core/mem.h"

#include <stdlib.h>

static void centre(const double *values, size_t n, long double *out)
{
    long double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    long double mean = sum / (long double)n;
    for (size_t i = 0; i < n; i++)
        out[i] = values[i] - mean;
}

static long double lagged_product(const long double *centred, size_t n, size_t lag)
{
    long double sum = 0;
    for (size_t i = lag; i < n; i++)
        sum += centred[i] * centred[i - lag];
    return sum;
}

enum method_reason autocorrelation_of(const double *values, size_t n, size_t lags, double *out)
{
    struct series series = { values, n, 1 };
    enum method_reason reason = series_check_complete(&series, lags + 1);
    if (reason != METHOD_OK)
        return reason;
    long double *centred = mem_zalloc(n, sizeof *centred);
    centre(values, n, centred);
    long double squares = lagged_product(centred, n, 0);
    for (size_t lag = 1; lag <= lags; lag++)
        out[lag - 1] = (double)(lagged_product(centred, n, lag) / squares);
    free(centred);
    return METHOD_OK;
}
