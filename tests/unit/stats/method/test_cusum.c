#include "stats/method/cusum.h"

#include "tests/unit/stats/method/method_test.h"

/* Deviations from the mean of 3: -2 -2 -2 2 2 2. */
static void step(void **state)
{
    (void)state;
    struct cusum chart;
    assert_int_equal(cusum(&SERIES(1, 1, 1, NAN, 1, 5, 5, 5), &chart), METHOD_OK);
    assert_near(chart.largest, 6, 1e-15);
    assert_int_equal(chart.last_before, 3);
    assert_int_equal(cusum(&SERIES(1, 4, 4, 4, 4), &chart), METHOD_CONSTANT);
}

/* The critical values of the Kolmogorov distribution (Smirnov 1948). */
static void kolmogorov(void **state)
{
    (void)state;
    assert_near(kolmogorov_above(1.2238), 0.10, 3e-5);
    assert_near(kolmogorov_above(1.3581), 0.05, 3e-5);
    assert_near(kolmogorov_above(1.6276), 0.01, 3e-5);
    assert_near(kolmogorov_above(0), 1, 0);
    assert_near(kolmogorov_above(0.2), 1, 1e-9);
    assert_near(kolmogorov_above(50), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(step), cmocka_unit_test(kolmogorov) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
