#include "stats/method/welch.h"

#include "tests/unit/stats/method/method_test.h"

/* Equal n and sd: the ordinary t test. 1 / sqrt(2 / 8) = 2 with 14 degrees of freedom; t of .975 there is 2.144787. */
static void equal_samples(void **state)
{
    (void)state;
    struct welch test;
    assert_int_equal(welch_test(&(struct welch_sample){ 8, 6, 1 }, &(struct welch_sample){ 8, 5, 1 }, 0.95, &test),
                     METHOD_OK);
    assert_near(test.t, 2, 1e-15);
    assert_near(test.df, 14, 1e-12);
    assert_near(test.high, 1 + 2.144787 / 2, 1e-6);
    assert_near(test.low, 1 - 2.144787 / 2, 1e-6);
}

static void reasons(void **state)
{
    (void)state;
    struct welch test;
    const struct welch_sample sound = { 8, 6, 1 }, still = { 8, 5, 0 }, single = { 1, 6, 0 }, wrong = { 8, 6, NAN };
    assert_int_equal(welch_test(&sound, &single, 0.95, &test), METHOD_TOO_SHORT);
    assert_int_equal(welch_test(&still, &still, 0.95, &test), METHOD_CONSTANT);
    assert_int_equal(welch_test(&sound, &wrong, 0.95, &test), METHOD_OUT_OF_RANGE);
    assert_int_equal(welch_test(&sound, &still, 0.95, &test), METHOD_OK);
    assert_near(test.df, 7, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(equal_samples), cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
