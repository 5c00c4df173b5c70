#include "stats/method/mann_kendall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "core/mem.h"
#include "stats/method/kendall_exact.h"

static double score(const double *values, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            s += (values[j] > values[i]) - (values[j] < values[i]);
    return s;
}

static double variance_term(double t)
{
    return t * (t - 1) * (2 * t + 5);
}

struct kendall_score kendall_score_of(const double *values, size_t n)
{
    struct kendall_score out = { score(values, n), variance_term((double)n), 0 };
    double *sorted = mem_zalloc(n, sizeof *sorted);
    memcpy(sorted, values, n * sizeof *sorted);
    gsl_sort(sorted, 1, n);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sorted[end] == sorted[i];)
            end++;
        double t = (double)(end - i);
        out.variance -= variance_term(t);
        out.tied_pairs += t * (t - 1) / 2;
    }
    out.variance /= 18;
    free(sorted);
    return out;
}

double kendall_z(double s, double variance)
{
    double corrected = s > 0 ? s - 1 : s < 0 ? s + 1 : 0;
    return corrected / sqrt(variance);
}

static double exact_p(size_t n, double s)
{
    double pairs = (double)n * (double)(n - 1) / 2;
    double p = 2 * kendall_exact_at_most(n, (pairs - fabs(s)) / 2);
    return p < 1 ? p : 1;
}

static struct mann_kendall test(const double *values, size_t n)
{
    struct kendall_score score = kendall_score_of(values, n);
    double pairs = (double)n * (double)(n - 1) / 2;
    struct mann_kendall out = {
        .n = n,
        .s = score.s,
        .variance = score.variance,
        .z = kendall_z(score.s, score.variance),
        .tau = score.s / sqrt(pairs * (pairs - score.tied_pairs)),
        .exact = n < KENDALL_EXACT_LIMIT && score.tied_pairs == 0,
    };
    out.p = out.exact ? exact_p(n, out.s) : normal_two_sided(out.z);
    return out;
}

enum method_reason mann_kendall(const struct series *series, struct mann_kendall *out)
{
    enum method_reason reason = series_check(series, 3);
    if (reason != METHOD_OK)
        return reason;
    struct points points = points_of(series);
    *out = test(points.value, points.n);
    points_free(&points);
    return METHOD_OK;
}
