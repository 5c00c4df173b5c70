#include "stats/method/seasonal_kendall.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"
#include "stats/method/mann_kendall.h"

/* The present values of one season with their period numbers. */
static struct points season_of(const struct series *series, size_t season)
{
    struct points points = {
        .time = mem_zalloc(series->n, sizeof *points.time),
        .value = mem_zalloc(series->n, sizeof *points.value),
    };
    for (size_t i = season; i < series->n; i += series->season) {
        if (isnan(series->values[i]))
            continue;
        points.time[points.n] = (double)i;
        points.value[points.n++] = series->values[i];
    }
    return points;
}

struct slopes {
    double *values;
    size_t n, capacity;
};

static void add_slopes(struct slopes *slopes, const struct points *points)
{
    for (size_t i = 0; i < points->n; i++) {
        for (size_t j = i + 1; j < points->n; j++) {
            MEM_GROW(slopes->values, slopes->n, slopes->capacity);
            slopes->values[slopes->n++] = (points->value[j] - points->value[i]) / (points->time[j] - points->time[i]);
        }
    }
}

/* The slopes are sorted. */
static void add_interval(struct seasonal_kendall *out, const struct slopes *slopes)
{
    double cut = ((double)slopes->n - normal_quantile_of(0.95) * sqrt(out->variance)) / 2;
    if (cut < 1)
        return;
    out->has_interval = true;
    out->low = slopes->values[(size_t)cut - 1];
    out->high = slopes->values[slopes->n - (size_t)cut];
}

enum method_reason seasonal_kendall(const struct series *series, struct seasonal_kendall *out)
{
    enum method_reason reason = series_check(series, 4);
    if (reason != METHOD_OK)
        return reason;
    if (!series_has_two_cycles(series))
        return METHOD_TOO_FEW_CYCLES;
    struct seasonal_kendall sum = { 0 };
    struct slopes slopes = { 0 };
    for (size_t season = 0; season < series->season; season++) {
        struct points points = season_of(series, season);
        struct kendall_score score = kendall_score_of(points.value, points.n);
        sum.n += points.n;
        sum.s += score.s;
        sum.variance += score.variance;
        add_slopes(&slopes, &points);
        points_free(&points);
    }
    sum.slope = median_in_place(slopes.values, slopes.n);
    add_interval(&sum, &slopes);
    free(slopes.values);
    if (sum.variance <= 0)
        return METHOD_CONSTANT;
    sum.z = kendall_z(sum.s, sum.variance);
    sum.p = normal_two_sided(sum.z);
    *out = sum;
    return METHOD_OK;
}
