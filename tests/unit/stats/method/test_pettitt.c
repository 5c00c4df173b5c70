#include "stats/method/pettitt.h"

#include "tests/unit/stats/method/method_test.h"

/* All nine pairs across the step agree: K = 9. */
static void step(void **state)
{
    (void)state;
    struct pettitt test;
    assert_int_equal(pettitt(&SERIES(1, 1, 1, 1, 5, 5, 5), &test), METHOD_OK);
    assert_near(test.k, 9, 0);
    assert_near(test.p, 2 * exp(-6. * 81 / (216 + 36)), 1e-15);
    assert_int_equal(test.last_before, 2);
    assert_int_equal(test.first_after, 3);
    assert_near(test.median_before, 1, 0);
    assert_near(test.median_after, 5, 0);
}

/* The change is dated by periods, not by present values. */
static void gaps(void **state)
{
    (void)state;
    struct pettitt test;
    assert_int_equal(pettitt(&SERIES(1, NAN, 9, 9, NAN, 9, NAN, NAN, 2, 2, 2), &test), METHOD_OK);
    assert_int_equal(test.last_before, 4);
    assert_int_equal(test.first_after, 7);
    assert_int_equal(pettitt(&SERIES(1, 1, 2, 3), &test), METHOD_TOO_SHORT);
    assert_int_equal(pettitt(&SERIES(1, 1, 1, 1, 1), &test), METHOD_CONSTANT);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(step), cmocka_unit_test(gaps) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
