#include "stats/method/method.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "core/err.h"
#include "core/mem.h"

/* GSL aborts the program on a domain error unless told not to; every result is checked instead. */
__attribute__((constructor)) static void switch_gsl_handler_off(void)
{
    gsl_set_error_handler_off();
}

static const struct {
    const char *name, *text;
} reasons[METHOD_REASONS] = {
    [METHOD_OK] = { "", "" },
    [METHOD_EMPTY] = { "empty", "there are no values" },
    [METHOD_TOO_SHORT] = { "too_short", "there are too few values" },
    [METHOD_TOO_FEW_CYCLES] = { "too_few_cycles",
                                "there are fewer than two seasonal cycles, or too many periods of them are missing" },
    [METHOD_GAPS] = { "gaps", "periods are missing" },
    [METHOD_CONSTANT] = { "constant", "all values are equal" },
    [METHOD_ONE_GROUP] = { "one_group", "fewer than two groups or categories can be compared" },
    [METHOD_NO_EXPOSURE] = { "no_exposure", "a denominator is missing or zero" },
    [METHOD_NO_SPREAD] = { "no_spread", "no standard deviation is published" },
    [METHOD_OUT_OF_RANGE] = { "out_of_range", "a value lies outside what the method is made for" },
    [METHOD_NO_FIT] = { "no_fit", "no fit was found" },
};

const char *method_reason_name(enum method_reason reason)
{
    BUG_ON(reason >= METHOD_REASONS);
    return reasons[reason].name;
}

const char *method_reason_text(enum method_reason reason)
{
    BUG_ON(reason >= METHOD_REASONS);
    return reasons[reason].text;
}

struct points points_of(const struct series *series)
{
    struct points points = {
        .time = mem_zalloc(series->n, sizeof *points.time),
        .value = mem_zalloc(series->n, sizeof *points.value),
    };
    for (size_t i = 0; i < series->n; i++) {
        if (isnan(series->values[i]))
            continue;
        points.time[points.n] = (double)i;
        points.value[points.n++] = series->values[i];
    }
    return points;
}

void points_free(struct points *points)
{
    free(points->time);
    free(points->value);
    *points = (struct points){ 0 };
}

enum method_reason series_check(const struct series *series, size_t minimum)
{
    size_t present = 0;
    double first = NAN;
    bool constant = true;
    for (size_t i = 0; i < series->n; i++) {
        double value = series->values[i];
        if (isinf(value))
            return METHOD_OUT_OF_RANGE;
        if (isnan(value))
            continue;
        if (present++ == 0)
            first = value;
        constant = constant && value == first;
    }
    if (present == 0)
        return METHOD_EMPTY;
    if (present < minimum)
        return METHOD_TOO_SHORT;
    return constant ? METHOD_CONSTANT : METHOD_OK;
}

enum method_reason series_check_complete(const struct series *series, size_t minimum)
{
    enum method_reason reason = series_check(series, minimum);
    if (reason == METHOD_EMPTY || reason == METHOD_OUT_OF_RANGE)
        return reason;
    for (size_t i = 0; i < series->n; i++)
        if (isnan(series->values[i]))
            return METHOD_GAPS;
    return reason;
}

bool series_has_two_cycles(const struct series *series)
{
    if (series->season < 2 || series->n < 2 * series->season)
        return false;
    size_t twice = 0;
    for (size_t s = 0; s < series->season; s++) {
        size_t present = 0;
        for (size_t i = s; i < series->n; i += series->season)
            present += isnan(series->values[i]) ? 0 : 1;
        if (present == 0)
            return false;
        twice += present >= 2;
    }
    return 4 * twice >= 3 * series->season;
}

double normal_two_sided(double z)
{
    double p = 2 * gsl_cdf_ugaussian_Q(fabs(z));
    return p < 1 ? p : 1;
}

double normal_quantile_of(double confidence)
{
    return gsl_cdf_ugaussian_Qinv((1 - confidence) / 2);
}

double median_in_place(double *values, size_t n)
{
    BUG_ON(n == 0);
    gsl_sort(values, 1, n);
    return gsl_stats_median_from_sorted_data(values, 1, n);
}

size_t series_present(const struct series *series)
{
    size_t present = 0;
    for (size_t i = 0; i < series->n; i++)
        present += isnan(series->values[i]) ? 0 : 1;
    return present;
}
