#include "stats/method/xmr.h"

#include "tests/unit/stats/method/method_test.h"

/* Ranges 2, 1, 2, 12; their mean 4.25, their median 2. */
static void by_hand(void **state)
{
    (void)state;
    struct xmr chart;
    struct series series = SERIES(1, 10, 12, NAN, 11, 13, 25);
    assert_int_equal(xmr_chart(&series, false, &chart), METHOD_OK);
    assert_int_equal(chart.n, 5);
    assert_near(chart.centre, 14.2, 1e-12);
    assert_near(chart.high, 14.2 + 3 * 4.25 / 1.128, 1e-12);
    assert_int_equal(xmr_chart(&series, true, &chart), METHOD_OK);
    assert_near(chart.centre, 12, 0);
    assert_near(chart.low, 12 - 3 * 2 / 0.954, 1e-12);
}

static void reasons(void **state)
{
    (void)state;
    struct xmr chart;
    assert_int_equal(xmr_chart(&SERIES(1, 1, 2, 3), true, &chart), METHOD_TOO_SHORT);
    assert_int_equal(xmr_chart(&SERIES(1, 5, 5, 5, 5, 5, 6), true, &chart), METHOD_CONSTANT);
    assert_int_equal(xmr_chart(&SERIES(1, 5, 5, 5, 5, 5, 6), false, &chart), METHOD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_hand), cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
