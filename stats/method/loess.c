#include "stats/method/loess.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"

static double tricube(double distance, double bandwidth)
{
    if (distance > 0.999 * bandwidth)
        return 0;
    if (distance <= 0.001 * bandwidth)
        return 1;
    double ratio = distance / bandwidth, rest = 1 - ratio * ratio * ratio;
    return rest * rest * rest;
}

/* Turns weights that sum to one into those of the local line at x, unless the points lie too close together. */
static void tilt(double *weights, const size_t window[2], double x, double range)
{
    double mean = 0, square = 0;
    for (size_t j = window[0]; j <= window[1]; j++)
        mean += weights[j] * (double)j;
    for (size_t j = window[0]; j <= window[1]; j++)
        square += weights[j] * ((double)j - mean) * ((double)j - mean);
    if (sqrt(square) <= 0.001 * range)
        return;
    double slope = (x - mean) / square;
    for (size_t j = window[0]; j <= window[1]; j++)
        weights[j] *= slope * ((double)j - mean) + 1;
}

static double bandwidth_of(const struct loess *loess, size_t n, double x, const size_t window[2])
{
    double bandwidth = fmax(x - (double)window[0], (double)window[1] - x);
    if (loess->span > n)
        bandwidth += (double)((loess->span - n) / 2);
    return bandwidth;
}

bool loess_at(const struct loess *loess, const struct loess_data *data, double x, const size_t window[2], double *fit)
{
    double bandwidth = bandwidth_of(loess, data->n, x, window), sum = 0, value = 0;
    double *weights = mem_zalloc(data->n + 1, sizeof *weights);
    for (size_t j = window[0]; j <= window[1]; j++) {
        weights[j] = tricube(fabs((double)j - x), bandwidth);
        if (data->weights)
            weights[j] *= data->weights[j - 1];
        sum += weights[j];
    }
    bool found = sum > 0;
    if (found) {
        for (size_t j = window[0]; j <= window[1]; j++)
            weights[j] /= sum;
        if (bandwidth > 0 && loess->degree > 0)
            tilt(weights, window, x, (double)data->n - 1);
        for (size_t j = window[0]; j <= window[1]; j++)
            value += weights[j] * data->values[j - 1];
        *fit = value;
    }
    free(weights);
    return found;
}

/* The window of the span that is centred on place i as far as the ends allow. */
static void window_at(const struct loess *loess, size_t n, size_t i, size_t window[2])
{
    size_t half = (loess->span + 1) / 2;
    window[0] = 1;
    window[1] = n;
    if (loess->span >= n)
        return;
    if (i >= half)
        window[0] = i - half + 1 < n - loess->span + 1 ? i - half + 1 : n - loess->span + 1;
    window[1] = window[0] + loess->span - 1;
}

static void fit_place(const struct loess *loess, const struct loess_data *data, size_t i, double *out)
{
    size_t window[2];
    window_at(loess, data->n, i, window);
    if (!loess_at(loess, data, (double)i, window, &out[i - 1]))
        out[i - 1] = data->values[i - 1];
}

static void interpolate(double *out, size_t from, size_t to)
{
    double step = (out[to - 1] - out[from - 1]) / (double)(to - from);
    for (size_t j = from + 1; j < to; j++)
        out[j - 1] = out[from - 1] + step * (double)(j - from);
}

void loess_smooth(const struct loess *loess, const struct loess_data *data, double *out)
{
    size_t n = data->n;
    if (n < 2) {
        if (n == 1)
            out[0] = data->values[0];
        return;
    }
    size_t jump = loess->jump < n - 1 ? loess->jump : n - 1, last = 1;
    fit_place(loess, data, 1, out);
    for (size_t i = 1 + jump; i <= n; i += jump) {
        fit_place(loess, data, i, out);
        interpolate(out, last, i);
        last = i;
    }
    if (last == n)
        return;
    fit_place(loess, data, n, out);
    interpolate(out, last, n);
}
