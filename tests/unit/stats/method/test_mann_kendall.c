#include "stats/method/mann_kendall.h"

#include "tests/unit/stats/method/method_test.h"

static void rising(void **state)
{
    (void)state;
    struct mann_kendall test;
    assert_int_equal(mann_kendall(&SERIES(1, 1, 2, 3, 4, 5), &test), METHOD_OK);
    assert_near(test.s, 10, 0);
    assert_near(test.variance, 5. * 4 * 15 / 18, 1e-12);
    assert_near(test.tau, 1, 1e-15);
    assert_true(test.exact);
    assert_near(test.p, 2. / 120, 1e-15); /* one order of 120, and its mirror */
}

static void ties(void **state)
{
    (void)state;
    struct mann_kendall test;
    assert_int_equal(mann_kendall(&SERIES(1, 1, 1, 2, 2), &test), METHOD_OK);
    assert_near(test.s, 4, 0);
    assert_near(test.variance, (4. * 3 * 13 - 2 * 2 * 1 * 9) / 18, 1e-12);
    assert_near(test.tau, 4 / sqrt(6 * 4), 1e-15);
    assert_near(test.z, 3 / sqrt(120. / 18), 1e-12);
    assert_false(test.exact);
}

static void gaps_are_left_out(void **state)
{
    (void)state;
    struct mann_kendall whole, gappy;
    assert_int_equal(mann_kendall(&SERIES(1, 3, 1, 4, 1, 5), &whole), METHOD_OK);
    assert_int_equal(mann_kendall(&SERIES(1, NAN, 3, 1, NAN, 4, 1, 5, NAN), &gappy), METHOD_OK);
    assert_int_equal(gappy.n, 5);
    assert_near(gappy.s, whole.s, 0);
    assert_near(gappy.p, whole.p, 0);
}

static void reasons(void **state)
{
    (void)state;
    struct mann_kendall test;
    assert_int_equal(mann_kendall(&(struct series){ NULL, 0, 1 }, &test), METHOD_EMPTY);
    assert_int_equal(mann_kendall(&SERIES(1, NAN, NAN), &test), METHOD_EMPTY);
    assert_int_equal(mann_kendall(&SERIES(1, 1, 2), &test), METHOD_TOO_SHORT);
    assert_int_equal(mann_kendall(&SERIES(1, 7, 7, 7, 7), &test), METHOD_CONSTANT);
    assert_int_equal(mann_kendall(&SERIES(1, 1, 2, INFINITY), &test), METHOD_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rising), cmocka_unit_test(ties),
                                        cmocka_unit_test(gaps_are_left_out), cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
