#include "stats/method/theil_sen.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "core/mem.h"
#include "stats/method/kendall_exact.h"
#include "stats/method/mann_kendall.h"

static double *sorted_slopes(const struct points *points, size_t *count)
{
    size_t n = 0;
    double *slopes = mem_zalloc(points->n * (points->n - 1) / 2, sizeof *slopes);
    for (size_t i = 0; i < points->n; i++)
        for (size_t j = i + 1; j < points->n; j++)
            slopes[n++] = (points->value[j] - points->value[i]) / (points->time[j] - points->time[i]);
    gsl_sort(slopes, 1, n);
    *count = n;
    return slopes;
}

static double intercept_of(const struct points *points, double slope)
{
    double *rest = mem_zalloc(points->n, sizeof *rest);
    for (size_t i = 0; i < points->n; i++)
        rest[i] = points->value[i] - slope * points->time[i];
    double median = median_in_place(rest, points->n);
    free(rest);
    return median;
}

static size_t normal_cut(size_t slopes, double variance, double confidence)
{
    double cut = ((double)slopes - normal_quantile_of(confidence) * sqrt(variance)) / 2;
    return cut < 1 ? 0 : (size_t)cut;
}

static void add_interval(struct theil_sen *out, const struct points *points, const double *slopes, size_t count,
                         double confidence)
{
    struct kendall_score score = kendall_score_of(points->value, points->n);
    bool exact = points->n < KENDALL_EXACT_LIMIT && score.tied_pairs == 0;
    /* so many slopes may lie beyond each end: 2 P(D < cut) <= 1 - confidence */
    size_t cut =
        exact ? kendall_exact_tail(points->n, (1 - confidence) / 2) : normal_cut(count, score.variance, confidence);
    if (cut == 0)
        return;
    out->has_interval = true;
    out->low = slopes[cut - 1];
    out->high = slopes[count - cut];
}

enum method_reason theil_sen(const struct series *series, double confidence, struct theil_sen *out)
{
    enum method_reason reason = series_check(series, 2);
    if (reason != METHOD_OK && reason != METHOD_CONSTANT)
        return reason;
    struct points points = points_of(series);
    if (points.n < 2) {
        points_free(&points);
        return METHOD_TOO_SHORT;
    }
    size_t count;
    double *slopes = sorted_slopes(&points, &count);
    struct theil_sen line = { .n = points.n, .slope = gsl_stats_median_from_sorted_data(slopes, 1, count) };
    line.intercept = intercept_of(&points, line.slope);
    add_interval(&line, &points, slopes, count, confidence);
    free(slopes);
    points_free(&points);
    if (!isfinite(line.slope) || !isfinite(line.intercept))
        return METHOD_OUT_OF_RANGE;
    *out = line;
    return METHOD_OK;
}
