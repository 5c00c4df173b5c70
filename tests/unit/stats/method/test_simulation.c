/* Seeded simulations: do intervals hold the truth as often as they say, do tests call noise a finding no more often than they may,
 * do they find what is there. Quick by default; FALLZAHL_SIMULATIONS=50 runs fifty times as many, with the limits of the
 * issue (one percent) then almost free of chance. */
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "core/wilson.h"
#include "stats/method/benjamini_hochberg.h"
#include "stats/method/cramer.h"
#include "stats/method/hamed_rao.h"
#include "stats/method/holt_winters_fit.h"
#include "stats/method/last_value.h"
#include "stats/method/mann_kendall.h"
#include "stats/method/permutation.h"
#include "stats/method/pettitt.h"
#include "stats/method/seasonal_kendall.h"
#include "stats/method/theil_sen.h"
#include "stats/method/two_proportions.h"
#include "stats/method/welch.h"
#include "tests/unit/stats/method/method_test.h"

enum { MAX_N = 120 };

static double noise(gsl_rng *r)
{
    return gsl_ran_gaussian_ziggurat(r, 1);
}

/* Level 200, a yearly pattern of `season`, a slope per period, autoregressive noise of sd 1 and coefficient rho. */
struct made {
    size_t n;
    double season, slope, rho;
};

static struct series make(gsl_rng *r, struct made made, double values[MAX_N])
{
    double error = noise(r), fresh = sqrt(1 - made.rho * made.rho);
    for (size_t i = 0; i < made.n; i++) {
        double t = (double)i;
        values[i] = 200 + made.season * sin(2 * M_PI * t / 12) + made.slope * t + error;
        error = made.rho * error + fresh * noise(r);
    }
    return (struct series){ values, made.n, 12 };
}

static bool theil_sen_covers(gsl_rng *r)
{
    double values[MAX_N];
    struct series series = make(r, (struct made){ .n = 36, .slope = 0.02 }, values);
    struct theil_sen line;
    return theil_sen(&series, 0.95, &line) == METHOD_OK && line.low <= 0.02 && 0.02 <= line.high;
}

static bool wilson_covers(gsl_rng *r)
{
    double share = 0.02 + 0.96 * gsl_rng_uniform(r);
    unsigned n = 20 + (unsigned)gsl_rng_uniform_int(r, 300);
    struct wilson wilson = wilson_interval(gsl_ran_binomial(r, share, n), n, 0.95);
    return wilson.low <= share && share <= wilson.high;
}

static bool newcombe_covers(gsl_rng *r)
{
    double a = 0.05 + 0.9 * gsl_rng_uniform(r), b = 0.05 + 0.9 * gsl_rng_uniform(r);
    unsigned m = 20 + (unsigned)gsl_rng_uniform_int(r, 200), n = 20 + (unsigned)gsl_rng_uniform_int(r, 200);
    struct proportion first = { gsl_ran_binomial(r, a, m), m }, second = { gsl_ran_binomial(r, b, n), n };
    struct two_proportions test;
    return two_proportions(&first, &second, 0.95, &test) == METHOD_OK && test.low <= a - b && a - b <= test.high;
}

static struct welch_sample draw_sample(gsl_rng *r, size_t n, double mean, double sd)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        double value = mean + sd * noise(r);
        sum += value;
        squares += value * value;
    }
    double m = sum / (double)n;
    return (struct welch_sample){ (double)n, m, sqrt((squares - (double)n * m * m) / (double)(n - 1)) };
}

static bool welch_covers(gsl_rng *r)
{
    struct welch_sample first = draw_sample(r, 12, 3, 4), second = draw_sample(r, 40, 1, 1);
    struct welch test;
    return welch_test(&first, &second, 0.95, &test) == METHOD_OK && test.low <= 2 && 2 <= test.high;
}

/* A population with V = sqrt(sum of (p - rs)^2 / rs / 2). */
static bool cramer_covers(gsl_rng *r)
{
    static const double p[9] = { .15, .10, .08, .09, .15, .09, .09, .08, .17 };
    double counts[9], phi = 0;
    unsigned drawn[9];
    gsl_ran_multinomial(r, 9, 400, p, drawn);
    for (size_t i = 0; i < 9; i++) {
        size_t row = i / 3 * 3, column = i % 3;
        double expected = (p[row] + p[row + 1] + p[row + 2]) * (p[column] + p[column + 3] + p[column + 6]);
        phi += (p[i] - expected) * (p[i] - expected) / expected;
        counts[i] = drawn[i];
    }
    struct cramer v;
    double truth = sqrt(phi / 2);
    return cramer_v(&(struct contingency){ counts, 3, 3 }, 0.95, &v) == METHOD_OK && v.low <= truth && truth <= v.high;
}

/* A series of the model with random parameters; is the value `ahead` periods after it in the forecast's interval? */
static bool forecast_covers(gsl_rng *r, size_t n, size_t season, size_t ahead)
{
    double values[MAX_N], seasonal[12], level = 1000, trend = 4 * noise(r);
    double alpha = gsl_rng_uniform(r), beta = 0.6 * gsl_rng_uniform(r), phi = 0.8 + 0.18 * gsl_rng_uniform(r);
    double gamma = 0.5 * gsl_rng_uniform(r) * (1 - alpha);
    for (size_t i = 0; i < 12; i++)
        seasonal[i] = season > 1 ? 100 * sin(2 * M_PI * (double)i / 12) : 0;
    for (size_t i = 0; i < n + ahead; i++) {
        double error = 20 * noise(r);
        values[i] = level + phi * trend + seasonal[i % 12] + error;
        level += phi * trend + alpha * error;
        trend = phi * trend + alpha * beta * error;
        seasonal[i % 12] += season > 1 ? gamma * error : 0;
    }
    struct holt_winters_fit fit;
    struct holt_winters_forecast forecast[HOLT_WINTERS_MAX_HORIZON];
    struct holt_winters_request request = { .confidence = 0.95, .horizon = ahead, .damped = true };
    double value = values[n + ahead - 1];
    return holt_winters_fit(&(struct series){ values, n, season }, &request, &fit, forecast) == METHOD_OK &&
           forecast[ahead - 1].low <= value && value <= forecast[ahead - 1].high;
}

static bool next_month_covered(gsl_rng *r)
{
    return forecast_covers(r, 36, 12, 1);
}

static bool half_year_covered(gsl_rng *r)
{
    return forecast_covers(r, 48, 12, 6);
}

static bool short_series_covered(gsl_rng *r)
{
    return forecast_covers(r, 16, 1, 3);
}

static bool calls_last_value(gsl_rng *r, struct made made, double shift)
{
    double values[MAX_N];
    struct series series = make(r, made, values);
    struct last_value last;
    values[made.n - 1] += shift;
    return last_value(&series, &last) == METHOD_OK && last.p < 0.05;
}

static bool last_seasonal_false(gsl_rng *r)
{
    return calls_last_value(r, (struct made){ .n = 37, .season = 5 }, 0);
}

static bool last_short_false(gsl_rng *r)
{
    return calls_last_value(r, (struct made){ .n = 15 }, 0);
}

static bool last_seasonal_power(gsl_rng *r)
{
    return calls_last_value(r, (struct made){ .n = 37, .season = 5 }, 6);
}

static bool calls_trend(gsl_rng *r, struct made made)
{
    double values[MAX_N];
    struct series series = make(r, made, values);
    struct mann_kendall test;
    return mann_kendall(&series, &test) == METHOD_OK && test.p < 0.05;
}

static bool mann_kendall_false(gsl_rng *r)
{
    return calls_trend(r, (struct made){ .n = 24 });
}

static bool mann_kendall_power(gsl_rng *r)
{
    return calls_trend(r, (struct made){ .n = 24, .slope = 0.1 });
}

static bool calls_seasonal_trend(gsl_rng *r, struct made made)
{
    double values[MAX_N];
    struct series series = make(r, made, values);
    struct seasonal_kendall test;
    return seasonal_kendall(&series, &test) == METHOD_OK && test.p < 0.05;
}

static bool seasonal_kendall_false(gsl_rng *r)
{
    return calls_seasonal_trend(r, (struct made){ .n = 48, .season = 5 });
}

static bool seasonal_kendall_power(gsl_rng *r)
{
    return calls_seasonal_trend(r, (struct made){ .n = 36, .season = 5, .slope = 0.08 });
}

static bool autocorrelated_plain(gsl_rng *r)
{
    return calls_trend(r, (struct made){ .n = 60, .rho = 0.5 });
}

static bool calls_corrected_trend(gsl_rng *r, struct made made)
{
    double values[MAX_N];
    struct series series = make(r, made, values);
    struct hamed_rao test;
    return hamed_rao(&series, &test) == METHOD_OK && test.p < 0.05;
}

static bool hamed_rao_white(gsl_rng *r)
{
    return calls_corrected_trend(r, (struct made){ .n = 60 });
}

static bool hamed_rao_false(gsl_rng *r)
{
    return calls_corrected_trend(r, (struct made){ .n = 60, .rho = 0.5 });
}

static bool calls_change(gsl_rng *r, double step)
{
    double values[MAX_N];
    struct series series = make(r, (struct made){ .n = 36 }, values);
    for (size_t i = 20; i < 36; i++)
        values[i] += step;
    struct pettitt test;
    bool called = pettitt(&series, &test) == METHOD_OK && test.p < 0.05;
    return called && (step == 0 || (test.first_after >= 18 && test.first_after <= 22));
}

static bool pettitt_false(gsl_rng *r)
{
    return calls_change(r, 0);
}

static bool pettitt_power(gsl_rng *r)
{
    return calls_change(r, 2);
}

static bool permutation_false(gsl_rng *r)
{
    static const double p[8] = { .02, .03, .05, .40, .02, .03, .05, .40 };
    double counts[8], p_value;
    unsigned drawn[8];
    gsl_ran_multinomial(r, 8, 60, p, drawn);
    for (size_t i = 0; i < 8; i++)
        counts[i] = drawn[i];
    return permutation_p(&(struct contingency){ counts, 2, 4 }, 199, gsl_rng_get(r), &p_value) == METHOD_OK &&
           p_value <= 0.05;
}

/* Twenty series, none with a trend: is any called one after adjustment? */
static bool family_false(gsl_rng *r)
{
    double p[20], values[MAX_N], least = 1;
    for (size_t i = 0; i < 20; i++) {
        struct series series = make(r, (struct made){ .n = 30 }, values);
        struct mann_kendall test;
        p[i] = mann_kendall(&series, &test) == METHOD_OK ? test.p : 1;
    }
    benjamini_hochberg(p, 20, p);
    for (size_t i = 0; i < 20; i++)
        least = fmin(least, p[i]);
    return least < 0.05;
}

static const struct simulation {
    const char *name;
    bool (*once)(gsl_rng *random);
    double low, high; /* where the share of hits must lie */
    size_t quick;     /* repetitions */
} simulations[] = {
    { "Theil-Sen interval covers", theil_sen_covers, .94, .96, 1000 },
    { "Wilson interval covers", wilson_covers, .94, .96, 10000 },
    { "Newcombe interval covers", newcombe_covers, .94, .96, 10000 },
    { "Welch interval covers", welch_covers, .94, .96, 5000 },
    { "Cramer V interval covers", cramer_covers, .94, .96, 1500 },
    { "forecast covers next month, 36 months", next_month_covered, .94, .96, 200 },
    { "forecast covers in half a year, 48 months", half_year_covered, .94, .96, 100 },
    { "forecast covers three periods ahead, 16 periods", short_series_covered, .94, .96, 500 },
    { "last value, seasonal: false at 5 %", last_seasonal_false, .03, .06, 100 },
    { "last value, 15 periods: false at 5 %", last_short_false, .03, .06, 500 },
    { "last value, seasonal: 6 sd found", last_seasonal_power, .95, 1, 50 },
    { "Mann-Kendall, 24 periods: false at 5 %", mann_kendall_false, .04, .06, 3000 },
    { "Mann-Kendall: 0.1 sd a period found in 24", mann_kendall_power, .85, 1, 500 },
    { "seasonal Kendall, 48 months: false at 5 %", seasonal_kendall_false, .035, .06, 2000 },
    { "seasonal Kendall: 0.08 sd a month found in 36", seasonal_kendall_power, .80, 1, 500 },
    { "Mann-Kendall on autocorrelation 0.5: false", autocorrelated_plain, .15, .35, 300 },
    { "Hamed-Rao on white noise: false at 5 %", hamed_rao_white, .01, .06, 300 },
    { "Hamed-Rao on autocorrelation 0.5: false", hamed_rao_false, .02, .18, 300 },
    { "Pettitt, 36 periods: false at 5 %", pettitt_false, .01, .06, 2000 },
    { "Pettitt: step of 2 sd found and dated to 2 periods", pettitt_power, .85, 1, 1000 },
    { "permutation test, small counts: false at 5 %", permutation_false, .03, .06, 500 },
    { "any of 20 series after adjustment: false", family_false, .03, .06, 200 },
};

static size_t times;

static void simulate(void **state)
{
    const struct simulation *simulation = *state;
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, 20260131);
    size_t runs = simulation->quick * times, hits = 0;
    for (size_t i = 0; i < runs; i++)
        hits += simulation->once(random);
    gsl_rng_free(random);
    double share = (double)hits / (double)runs;
    /* chance: three standard errors */
    double slack = 3 * sqrt(simulation->high * (1 - simulation->low) / (double)runs);
    printf("# %s: %.4f of %zu, wanted %g to %g\n", simulation->name, share, runs, simulation->low, simulation->high);
    assert_true(share >= simulation->low - slack && share <= simulation->high + slack);
}

int main(void)
{
    enum { COUNT = sizeof simulations / sizeof *simulations };
    const char *factor = getenv("FALLZAHL_SIMULATIONS");
    times = factor ? strtoul(factor, NULL, 10) : 1;
    struct CMUnitTest tests[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        static struct simulation copies[COUNT];
        copies[i] = simulations[i];
        tests[i] = (struct CMUnitTest){ copies[i].name, simulate, NULL, NULL, &copies[i] };
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
