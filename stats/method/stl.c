#include "stats/method/stl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "core/mem.h"
#include "stats/method/loess.h"

enum { ROBUST_ROUNDS = 15, ROBUST_INNER = 1, PLAIN_INNER = 2 };

struct plan {
    const double *values;
    size_t n, period;
    struct loess seasonal, trend, low_pass;
    const double *weights; /* robustness, NULL in the first round */
};

static size_t next_odd(double x)
{
    size_t rounded = (size_t)ceil(x);
    return rounded % 2 ? rounded : rounded + 1;
}

static struct loess smoother(size_t span, int degree)
{
    return (struct loess){ span, degree, (size_t)ceil((double)span / 10) };
}

/* The defaults of Cleveland et al., sections 3.3 to 3.7, as stl() has them. */
static struct plan plan_of(const struct series *series, size_t seasonal_window)
{
    bool periodic = seasonal_window == 0;
    size_t span = periodic ? 10 * series->n + 1 : seasonal_window;
    double period = (double)series->season;
    return (struct plan){
        .values = series->values,
        .n = series->n,
        .period = series->season,
        .seasonal = smoother(span, 0),
        .trend = smoother(next_odd(1.5 * period / (1 - 1.5 / (double)span)), 1),
        .low_pass = smoother(next_odd(period), 1),
    };
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One season's values over the years, smoothed and extended by a year at each end: k values into k + 2. */
static void smooth_cycle(const struct loess *loess, const struct loess_data *data, double *out)
{
    size_t k = data->n, first[2] = { 1, smaller(loess->span, k) };
    size_t last[2] = { k > loess->span ? k - loess->span + 1 : 1, k };
    loess_smooth(loess, data, out + 1);
    if (!loess_at(loess, data, 0, first, &out[0]))
        out[0] = out[1];
    if (!loess_at(loess, data, (double)(k + 1), last, &out[k + 1]))
        out[k + 1] = out[k];
}

/* Step 2: cycle-subseries smoothing of `detrended` into cycle[0 .. n + 2 × period). */
static void smooth_cycles(const struct plan *plan, const double *detrended, double *cycle)
{
    size_t longest = (plan->n - 1) / plan->period + 1;
    double *values = mem_zalloc(longest, sizeof *values), *weights = mem_zalloc(longest, sizeof *weights);
    double *smooth = mem_zalloc(longest + 2, sizeof *smooth);
    for (size_t season = 0; season < plan->period; season++) {
        size_t k = (plan->n - season - 1) / plan->period + 1;
        for (size_t i = 0; i < k; i++) {
            values[i] = detrended[i * plan->period + season];
            weights[i] = plan->weights ? plan->weights[i * plan->period + season] : 1;
        }
        smooth_cycle(&plan->seasonal, &(struct loess_data){ values, plan->weights ? weights : NULL, k }, smooth);
        for (size_t i = 0; i < k + 2; i++)
            cycle[i * plan->period + season] = smooth[i];
    }
    free(values);
    free(weights);
    free(smooth);
}

/* Moving average of `length` values; n values become n - length + 1. */
static void moving_average(const double *in, size_t n, size_t length, double *out)
{
    double sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += in[i];
    out[0] = sum / (double)length;
    for (size_t i = length; i < n; i++) {
        sum += in[i] - in[i - length];
        out[i - length + 1] = sum / (double)length;
    }
}

/* Step 3: low-pass filter of the smoothed cycles, n + 2 × period values into n. */
static void low_pass(const struct plan *plan, const double *cycle, double *out)
{
    size_t n = plan->n + 2 * plan->period;
    double *first = mem_zalloc(n, sizeof *first), *second = mem_zalloc(n, sizeof *second);
    moving_average(cycle, n, plan->period, first);
    moving_average(first, n - plan->period + 1, plan->period, second);
    moving_average(second, plan->n + 2, 3, first);
    loess_smooth(&plan->low_pass, &(struct loess_data){ first, NULL, plan->n }, out);
    free(first);
    free(second);
}

static void inner_loop(const struct plan *plan, struct stl *out)
{
    double *work = mem_zalloc(plan->n, sizeof *work), *low = mem_zalloc(plan->n, sizeof *low);
    double *cycle = mem_zalloc(plan->n + 2 * plan->period, sizeof *cycle);
    for (size_t i = 0; i < plan->n; i++)
        work[i] = plan->values[i] - out->trend[i];
    smooth_cycles(plan, work, cycle);
    low_pass(plan, cycle, low);
    for (size_t i = 0; i < plan->n; i++) {
        out->seasonal[i] = cycle[plan->period + i] - low[i];
        work[i] = plan->values[i] - out->seasonal[i];
    }
    loess_smooth(&plan->trend, &(struct loess_data){ work, plan->weights, plan->n }, out->trend);
    free(work);
    free(low);
    free(cycle);
}

static double bisquare(double distance, double scale)
{
    if (distance <= 0.001 * scale)
        return 1;
    if (distance > 0.999 * scale)
        return 0;
    double ratio = distance / scale;
    return (1 - ratio * ratio) * (1 - ratio * ratio);
}

/* Robustness weights: bisquare of the remainder over six times its median absolute value. */
static void weigh(const struct plan *plan, struct stl *out)
{
    double *distance = mem_zalloc(plan->n, sizeof *distance), *sorted = mem_zalloc(plan->n, sizeof *sorted);
    for (size_t i = 0; i < plan->n; i++)
        distance[i] = fabs(plan->values[i] - out->trend[i] - out->seasonal[i]);
    memcpy(sorted, distance, plan->n * sizeof *sorted);
    double scale = 6 * median_in_place(sorted, plan->n);
    for (size_t i = 0; i < plan->n; i++)
        out->weights[i] = bisquare(distance[i], scale);
    free(distance);
    free(sorted);
}

/* The mean of each season over the years, as periodic means. */
static void make_periodic(const struct plan *plan, double *seasonal)
{
    for (size_t season = 0; season < plan->period; season++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = season; i < plan->n; i += plan->period, count++)
            sum += seasonal[i];
        for (size_t i = season; i < plan->n; i += plan->period)
            seasonal[i] = sum / (double)count;
    }
}

static void run(struct plan *plan, bool robust, struct stl *out)
{
    int rounds = robust ? ROBUST_ROUNDS : 0, inner = robust ? ROBUST_INNER : PLAIN_INNER;
    for (int round = 0; round <= rounds; round++) {
        for (int i = 0; i < inner; i++)
            inner_loop(plan, out);
        if (round == rounds)
            break;
        weigh(plan, out);
        plan->weights = out->weights;
    }
}

static bool is_finite(const struct stl *stl)
{
    for (size_t i = 0; i < stl->n; i++)
        if (!isfinite(stl->seasonal[i]) || !isfinite(stl->trend[i]) || !isfinite(stl->remainder[i]))
            return false;
    return true;
}

static struct stl allocate(size_t n)
{
    struct stl stl = {
        .n = n,
        .seasonal = mem_zalloc(n, sizeof(double)),
        .trend = mem_zalloc(n, sizeof(double)),
        .remainder = mem_zalloc(n, sizeof(double)),
        .weights = mem_zalloc(n, sizeof(double)),
    };
    for (size_t i = 0; i < n; i++)
        stl.weights[i] = 1;
    return stl;
}

enum method_reason stl_decompose(const struct series *series, struct stl_options options, struct stl *out)
{
    enum method_reason reason = series_check_complete(series, 1);
    if (reason != METHOD_OK)
        return reason;
    if (series->season < 2 || series->n <= 2 * series->season)
        return METHOD_TOO_FEW_CYCLES;
    struct plan plan = plan_of(series, options.seasonal_window);
    struct stl stl = allocate(series->n);
    run(&plan, options.robust, &stl);
    if (options.seasonal_window == 0)
        make_periodic(&plan, stl.seasonal);
    for (size_t i = 0; i < stl.n; i++)
        stl.remainder[i] = series->values[i] - stl.seasonal[i] - stl.trend[i];
    if (!is_finite(&stl)) {
        stl_free(&stl);
        return METHOD_OUT_OF_RANGE;
    }
    *out = stl;
    return METHOD_OK;
}

void stl_free(struct stl *stl)
{
    free(stl->seasonal);
    free(stl->trend);
    free(stl->remainder);
    free(stl->weights);
    *stl = (struct stl){ 0 };
}
