#include "stats/method/decompose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* Centred moving average over one cycle; for an even cycle the two ends weigh one half. */
static void moving_trend(const struct series *series, double *trend)
{
    size_t half = series->season / 2;
    bool even = series->season % 2 == 0;
    for (size_t i = 0; i < series->n; i++) {
        trend[i] = NAN;
        if (i < half || i + half >= series->n)
            continue;
        double sum = 0;
        for (size_t j = i - half; j <= i + half; j++)
            sum += series->values[j] * (even && (j == i - half || j == i + half) ? 0.5 : 1);
        trend[i] = sum / (double)series->season;
    }
}

static double without_trend(double value, double trend, enum decompose_kind kind)
{
    return kind == DECOMPOSE_ADDITIVE ? value - trend : value / trend;
}

static void season_means(const struct series *series, const double *trend, enum decompose_kind kind, double *figure)
{
    double mean = 0;
    for (size_t season = 0; season < series->season; season++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = season; i < series->n; i += series->season) {
            if (isnan(trend[i]))
                continue;
            sum += without_trend(series->values[i], trend[i], kind);
            count++;
        }
        figure[season] = sum / (double)count;
        mean += figure[season] / (double)series->season;
    }
    for (size_t season = 0; season < series->season; season++)
        figure[season] = without_trend(figure[season], mean, kind);
}

static bool all_positive(const struct series *series)
{
    for (size_t i = 0; i < series->n; i++)
        if (series->values[i] <= 0)
            return false;
    return true;
}

enum method_reason decompose(const struct series *series, enum decompose_kind kind, double *figure, double *trend)
{
    enum method_reason reason = series_check_complete(series, 1);
    if (reason != METHOD_OK)
        return reason;
    if (series->season < 2 || series->n < 2 * series->season)
        return METHOD_TOO_FEW_CYCLES;
    if (kind == DECOMPOSE_MULTIPLICATIVE && !all_positive(series))
        return METHOD_OUT_OF_RANGE;
    double *average = mem_zalloc(series->n, sizeof *average), *means = mem_zalloc(series->season, sizeof *means);
    moving_trend(series, average);
    season_means(series, average, kind, means);
    bool finite = true;
    for (size_t i = 0; i < series->season; i++)
        finite = finite && isfinite(means[i]);
    if (finite) {
        memcpy(figure, means, series->season * sizeof *figure);
        if (trend)
            memcpy(trend, average, series->n * sizeof *trend);
    }
    free(average);
    free(means);
    return finite ? METHOD_OK : METHOD_OUT_OF_RANGE;
}
