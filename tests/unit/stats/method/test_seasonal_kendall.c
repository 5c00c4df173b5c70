#include "stats/method/seasonal_kendall.h"

#include "tests/unit/stats/method/method_test.h"

/* Two seasons that both rise: S = 3 + 3, variance 2 × 3·2·11/18; slopes per period 0.5 three times and 5 three times. */
static void two_seasons(void **state)
{
    (void)state;
    struct seasonal_kendall test;
    assert_int_equal(seasonal_kendall(&SERIES(2, 1, 10, 2, 20, 3, 30), &test), METHOD_OK);
    assert_int_equal(test.n, 6);
    assert_near(test.s, 6, 0);
    assert_near(test.variance, 2 * 3. * 2 * 11 / 18, 1e-12);
    assert_near(test.z, 5 / sqrt(22. / 3), 1e-12);
    assert_near(test.slope, 2.75, 1e-15);
    assert_false(test.has_interval); /* (6 - 1.96 sqrt(7.33)) / 2 is below 1 */
}

/* Two seasons of five values: 20 slopes, variance 33.3; (20 - 1.96 × 5.77) / 2 = 4.3, so the fourth from either end. */
static void interval(void **state)
{
    (void)state;
    struct seasonal_kendall test;
    assert_int_equal(seasonal_kendall(&SERIES(2, 0, 0, 2, 4, 8, 16, 18, 36, 32, 64), &test), METHOD_OK);
    assert_true(test.has_interval);
    /* slopes per period: 1 2 3 3 4 4 5 5 6 7 of the first season, twice as much of the second */
    assert_near(test.low, 3, 1e-12);
    assert_near(test.high, 10, 1e-12);
}

/* A yearly pattern alone is no trend. */
static void season_is_no_trend(void **state)
{
    (void)state;
    struct seasonal_kendall test;
    assert_int_equal(seasonal_kendall(&SERIES(3, 1, 5, 9, 1, 5, 9, 1, 5, 9), &test), METHOD_CONSTANT);
    assert_int_equal(seasonal_kendall(&SERIES(3, 1, 5, 9, 1, 5, 9.5, 1, 5, 9), &test), METHOD_OK);
    assert_near(test.s, 0, 0);
    assert_near(test.p, 1, 0);
}

static void two_full_cycles(void **state)
{
    (void)state;
    struct seasonal_kendall test;
    assert_int_equal(seasonal_kendall(&SERIES(3, 1, 2, 3, 4, 5), &test), METHOD_TOO_FEW_CYCLES);
    assert_int_equal(seasonal_kendall(&SERIES(3, 1, 2, 3, NAN, 5, 6), &test), METHOD_TOO_FEW_CYCLES);
    assert_int_equal(seasonal_kendall(&SERIES(1, 1, 2, 3, 4, 5), &test), METHOD_TOO_FEW_CYCLES);
    assert_int_equal(seasonal_kendall(&SERIES(3, 1, 2, 3, NAN, 5, 6, 7, 8, 9), &test), METHOD_OK);
    assert_int_equal(test.n, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(two_seasons), cmocka_unit_test(interval),
                                        cmocka_unit_test(season_is_no_trend), cmocka_unit_test(two_full_cycles) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
