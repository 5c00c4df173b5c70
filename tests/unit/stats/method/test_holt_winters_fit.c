#include "stats/method/holt_winters_fit.h"

#include "tests/unit/stats/method/method_test.h"

enum { MONTHS = 36, HORIZON = 12 };
static const struct holt_winters_request request = { .confidence = 0.95, .horizon = HORIZON, .damped = true };

static double truth(size_t i)
{
    return 100 + 20 * sin(2 * M_PI * (double)i / 12);
}

static void fill(double values[MONTHS])
{
    for (size_t i = 0; i < MONTHS; i++)
        values[i] = truth(i) + (double)(i * 5 % 7) - 3;
}

static void season_is_carried_on(void **state)
{
    (void)state;
    double values[MONTHS];
    fill(values);
    values[20] = values[21] = NAN; /* withheld periods */
    struct holt_winters_fit fit;
    struct holt_winters_forecast forecast[HORIZON];
    assert_int_equal(holt_winters_fit(&(struct series){ values, MONTHS, 12 }, &request, &fit, forecast), METHOD_OK);
    assert_int_equal(fit.degrees_of_freedom, 34 - 13);
    for (size_t h = 0; h < HORIZON; h++) {
        assert_near(forecast[h].mean, truth(MONTHS + h), 5);
        assert_true(forecast[h].low < truth(MONTHS + h) && truth(MONTHS + h) < forecast[h].high);
    }
}

/* Without error nothing is left to estimate a likelihood from, and yet there is an answer. */
static void perfect_series(void **state)
{
    (void)state;
    struct holt_winters_fit fit;
    struct holt_winters_forecast forecast[HORIZON];
    struct series line = SERIES(1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    struct holt_winters_request linear = { .confidence = 0.95, .horizon = 2, .damped = false };
    assert_int_equal(holt_winters_fit(&line, &linear, &fit, forecast), METHOD_OK);
    assert_near(forecast[0].mean, 10, 1e-6);
    assert_near(forecast[1].high, 11, 1e-3);
    struct series two_steps = SERIES(2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2);
    assert_int_equal(holt_winters_fit(&two_steps, &linear, &fit, forecast), METHOD_OK);
    assert_near(forecast[1].mean, 2, 1e-6);
}

static void reasons(void **state)
{
    (void)state;
    struct holt_winters_fit fit;
    struct holt_winters_forecast forecast[HORIZON];
    assert_int_equal(holt_winters_fit(&SERIES(1, 1, 2, 3, 4, 5, 6, 7), &request, &fit, forecast), METHOD_TOO_SHORT);
    assert_int_equal(holt_winters_fit(&SERIES(1, 1, 1, 1, 1, 1, 1, 1, 1), &request, &fit, forecast), METHOD_CONSTANT);
    double values[MONTHS];
    fill(values);
    assert_int_equal(holt_winters_fit(&(struct series){ values, 23, 12 }, &request, &fit, forecast),
                     METHOD_TOO_FEW_CYCLES);
    assert_int_equal(holt_winters_fit(&(struct series){ values, MONTHS, 365 }, &request, &fit, forecast),
                     METHOD_OUT_OF_RANGE);
    values[4] = values[16] = NAN; /* one May is left: enough */
    assert_int_equal(holt_winters_fit(&(struct series){ values, MONTHS, 12 }, &request, &fit, forecast), METHOD_OK);
    values[28] = NAN; /* and now none */
    assert_int_equal(holt_winters_fit(&(struct series){ values, MONTHS, 12 }, &request, &fit, forecast),
                     METHOD_TOO_FEW_CYCLES);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(season_is_carried_on), cmocka_unit_test(perfect_series),
                                        cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
