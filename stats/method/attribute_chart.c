#include "stats/method/attribute_chart.h"

#include <math.h>

struct totals {
    size_t n;
    double counts, exposures;
};

static bool is_missing(const struct attribute_series *series, size_t i)
{
    return isnan(series->counts[i]) || isnan(series->exposures[i]);
}

static enum method_reason check_period(const struct attribute_series *series, size_t i)
{
    double count = series->counts[i], exposure = series->exposures[i];
    if (!isfinite(count) || !isfinite(exposure) || count < 0)
        return METHOD_OUT_OF_RANGE;
    if (exposure <= 0)
        return METHOD_NO_EXPOSURE;
    return series->kind == ATTRIBUTE_P && count > exposure ? METHOD_OUT_OF_RANGE : METHOD_OK;
}

static enum method_reason add_up(const struct attribute_series *series, struct totals *out)
{
    struct totals totals = { 0 };
    for (size_t i = 0; i < series->n; i++) {
        if (is_missing(series, i))
            continue;
        enum method_reason reason = check_period(series, i);
        if (reason != METHOD_OK)
            return reason;
        totals.n++;
        totals.counts += series->counts[i];
        totals.exposures += series->exposures[i];
    }
    if (totals.n == 0)
        return METHOD_EMPTY;
    *out = totals;
    return totals.n < 4 ? METHOD_TOO_SHORT : METHOD_OK;
}

static double error_at(const struct attribute_series *series, double centre, double exposure)
{
    double variance = series->kind == ATTRIBUTE_P ? centre * (1 - centre) : centre;
    return sqrt(variance / exposure);
}

/* Laney's sigma z. */
static double dispersion(const struct attribute_series *series, double centre)
{
    double ranges = 0, last = NAN;
    size_t count = 0;
    for (size_t i = 0; i < series->n; i++) {
        if (is_missing(series, i))
            continue;
        double rate = series->counts[i] / series->exposures[i];
        double z = (rate - centre) / error_at(series, centre, series->exposures[i]);
        if (!isnan(last)) {
            ranges += fabs(z - last);
            count++;
        }
        last = z;
    }
    return ranges / (double)count / 1.128;
}

enum method_reason attribute_chart(const struct attribute_series *series, double exposure, struct attribute_chart *out)
{
    struct totals totals;
    enum method_reason reason = add_up(series, &totals);
    if (reason != METHOD_OK)
        return reason;
    if (!(exposure > 0) || !isfinite(exposure))
        return METHOD_NO_EXPOSURE;
    struct attribute_chart chart = { .n = totals.n, .centre = totals.counts / totals.exposures };
    if (chart.centre <= 0 || (series->kind == ATTRIBUTE_P && chart.centre >= 1))
        return METHOD_CONSTANT;
    chart.dispersion = dispersion(series, chart.centre);
    double half = 3 * error_at(series, chart.centre, exposure) * fmax(1, chart.dispersion);
    chart.low = fmax(0, chart.centre - half);
    chart.high = series->kind == ATTRIBUTE_P ? fmin(1, chart.centre + half) : chart.centre + half;
    *out = chart;
    return METHOD_OK;
}
