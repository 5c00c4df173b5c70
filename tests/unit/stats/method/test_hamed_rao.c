#include "stats/method/hamed_rao.h"

#include "stats/method/mann_kendall.h"
#include "tests/unit/stats/method/method_test.h"

/* Slow waves look like a trend to Mann-Kendall; the corrected variance is wider. */
static void waves_widen(void **state)
{
    (void)state;
    double values[40];
    for (size_t i = 0; i < 40; i++)
        values[i] = sin((double)i / 6) + 0.01 * (double)(i * 7 % 5);
    struct series series = { values, 40, 1 };
    struct hamed_rao corrected;
    struct mann_kendall plain;
    assert_int_equal(hamed_rao(&series, &corrected), METHOD_OK);
    assert_int_equal(mann_kendall(&series, &plain), METHOD_OK);
    assert_true(corrected.factor > 1.5);
    assert_near(corrected.variance, plain.variance * corrected.factor, 1e-9);
    assert_true(corrected.p > plain.p);
}

/* Alternation gives a factor below one, which must not narrow the variance. */
static void never_narrower(void **state)
{
    (void)state;
    double values[30];
    for (size_t i = 0; i < 30; i++)
        values[i] = (i % 2 ? 10 : -10) + 0.1 * (double)(i * i % 7);
    struct series series = { values, 30, 1 };
    struct hamed_rao corrected;
    struct mann_kendall plain;
    assert_int_equal(hamed_rao(&series, &corrected), METHOD_OK);
    assert_int_equal(mann_kendall(&series, &plain), METHOD_OK);
    assert_true(corrected.factor < 1);
    assert_near(corrected.variance, plain.variance, 0);
}

/* Nothing is left after the line: no autocorrelation, no correction. */
static void straight_line(void **state)
{
    (void)state;
    struct hamed_rao test;
    assert_int_equal(hamed_rao(&SERIES(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), &test), METHOD_OK);
    assert_near(test.factor, 1, 0);
    assert_int_equal(hamed_rao(&SERIES(1, 1, 2, 3, 4, 5, 6, 7, 8, 9), &test), METHOD_TOO_SHORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(waves_widen), cmocka_unit_test(never_narrower),
                                        cmocka_unit_test(straight_line) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
