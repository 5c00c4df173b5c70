#include "stats/method/summary.h"

#include "tests/unit/stats/method/method_test.h"

static void few_values(void **state)
{
    (void)state;
    struct summary summary;
    assert_int_equal(summary_of(&SERIES(1, 4, NAN, 1, 2, 3), &summary), METHOD_OK);
    assert_int_equal(summary.n, 4);
    assert_near(summary.mean, 2.5, 0);
    assert_near(summary.sd, sqrt(5. / 3), 1e-15);
    assert_near(summary.lower_quartile, 1.75, 0);
    assert_near(summary.median, 2.5, 0);
    assert_near(summary.maximum, 4, 0);
}

static void one_and_none(void **state)
{
    (void)state;
    struct summary summary;
    assert_int_equal(summary_of(&SERIES(1, 7), &summary), METHOD_OK);
    assert_near(summary.mean, 7, 0);
    assert_near(summary.sd, 0, 0);
    assert_int_equal(summary_of(&SERIES(1, NAN), &summary), METHOD_EMPTY);
    assert_int_equal(summary_of(&SERIES(1, 1, -INFINITY), &summary), METHOD_OUT_OF_RANGE);
    assert_int_equal(summary_of(&SERIES(1, 1e308, 1e308, -1e308), &summary), METHOD_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(few_values), cmocka_unit_test(one_and_none) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
