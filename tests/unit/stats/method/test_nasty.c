/* Whatever the series: a finite answer or a reason, and no output touched without an answer. */
#include <string.h>

#include "stats/method/artefact.h"
#include "stats/method/cusum.h"
#include "stats/method/hamed_rao.h"
#include "stats/method/holt_winters_fit.h"
#include "stats/method/last_value.h"
#include "stats/method/mann_kendall.h"
#include "stats/method/pettitt.h"
#include "stats/method/seasonal_kendall.h"
#include "stats/method/seasonal_pettitt.h"
#include "stats/method/step_or_line.h"
#include "stats/method/stl.h"
#include "stats/method/summary.h"
#include "stats/method/theil_sen.h"
#include "stats/method/xmr.h"
#include "tests/unit/stats/method/method_test.h"

enum { MAX_N = 60, SHAPES = 14, UNTOUCHED = 0x5a };

/* The i-th value of a shape. */
static double value_of(int shape, size_t i)
{
    switch (shape) {
    case 0:
        return 0;
    case 1:
        return NAN;
    case 2:
        return i == 3 ? 5 : NAN;
    case 3:
        return i % 2 ? NAN : (double)i;
    case 4:
        return i == 0 ? 1 : 0;
    case 5:
        return (i % 2 ? 1 : -1) * 1e308;
    case 6:
        return (double)i * 1e-320;
    case 7:
        return i == 7 ? INFINITY : (double)i;
    case 8:
        return (double)(i % 12);
    case 9:
        return 1e16 + (double)(i % 3);
    case 10:
        return i < 20 ? 3 : 4;
    case 11:
        return exp((double)i * 11);
    case 12:
        return i % 12 == 5 ? NAN : (double)(i * 7 % 12);
    default:
        return (double)i;
    }
}

static void is_answer(enum method_reason reason, const void *out, size_t size, const double *figures, size_t count)
{
    if (reason != METHOD_OK) {
        assert_true(strlen(method_reason_name(reason)) > 0 && strlen(method_reason_text(reason)) > 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(((const unsigned char *)out)[i], UNTOUCHED);
        return;
    }
    for (size_t i = 0; i < count; i++)
        assert_true(isfinite(figures[i]));
}

/* Runs `call`, which fills `o`, and checks the figures named. */
#define TRY(type, call, ...)                                                                                           \
    do {                                                                                                               \
        struct type o;                                                                                                 \
        memset(&o, UNTOUCHED, sizeof o);                                                                               \
        enum method_reason reason = call;                                                                              \
        const double figures[] = { __VA_ARGS__ };                                                                      \
        is_answer(reason, &o, sizeof o, figures, sizeof figures / sizeof *figures);                                    \
    } while (0)

static void try_all(const struct series *s)
{
    struct holt_winters_forecast forecast[2];
    const struct holt_winters_request request = { .confidence = 0.95, .horizon = 2, .damped = true };
    TRY(summary, summary_of(s, &o), o.mean, o.sd, o.lower_quartile, o.maximum);
    TRY(mann_kendall, mann_kendall(s, &o), o.s, o.variance, o.z, o.p, o.tau);
    TRY(seasonal_kendall, seasonal_kendall(s, &o), o.s, o.variance, o.z, o.p, o.slope);
    TRY(hamed_rao, hamed_rao(s, &o), o.factor, o.variance, o.z, o.p);
    TRY(theil_sen, theil_sen(s, 0.95, &o), o.slope, o.intercept);
    TRY(pettitt, pettitt(s, &o), o.k, o.p, o.median_before, o.median_after);
    TRY(seasonal_pettitt, seasonal_pettitt(s, &o), o.k, o.p);
    TRY(step_or_line, step_or_line(s, 1, &o), o.step, o.slope, o.line_p, o.step_p);
    TRY(cusum, cusum(s, &o), o.largest, o.p);
    TRY(xmr, xmr_chart(s, true, &o), o.centre, o.sigma, o.low, o.high);
    TRY(artefact, artefact_scan(s, ARTEFACT_END, &o), 0);
    TRY(last_value, last_value(s, &o), o.expected, o.low, o.high, o.p);
    TRY(holt_winters_fit, holt_winters_fit(s, &request, &o, forecast), o.sigma, o.parameters.phi);
}

static void try_stl(const struct series *s)
{
    struct stl stl;
    if (stl_decompose(s, (struct stl_options){ .robust = true }, &stl) != METHOD_OK)
        return;
    for (size_t i = 0; i < stl.n; i++)
        assert_true(isfinite(stl.seasonal[i] + stl.trend[i] + stl.remainder[i] + stl.weights[i]));
    stl_free(&stl);
}

static void every_shape_and_length(void **state)
{
    (void)state;
    static const size_t lengths[] = { 0, 1, 2, 3, 4, 5, 7, 9, 12, 24, 25, 26, 37, MAX_N };
    for (int shape = 0; shape < SHAPES; shape++) {
        double values[MAX_N];
        for (size_t i = 0; i < MAX_N; i++)
            values[i] = value_of(shape, i);
        for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
            for (size_t season = 1; season <= 12; season += 11) {
                struct series series = { values, lengths[l], season };
                try_all(&series);
                try_stl(&series);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_shape_and_length) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
