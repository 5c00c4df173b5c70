#include "stats/method/cramer.h"

#include "tests/unit/stats/method/method_test.h"

static void extremes(void **state)
{
    (void)state;
    struct cramer v;
    assert_int_equal(cramer_v(&(struct contingency){ (double[]){ 50, 0, 0, 50 }, 2, 2 }, 0.95, &v), METHOD_OK);
    assert_near(v.v, 1, 1e-15);
    assert_near(v.high, 1, 0);
    assert_true(v.low > 0.7);
    assert_int_equal(cramer_v(&(struct contingency){ (double[]){ 50, 50, 50, 50 }, 2, 2 }, 0.95, &v), METHOD_OK);
    assert_near(v.v, 0, 0);
    assert_near(v.low, 0, 0);
    assert_near(v.high, 0, 0); /* less than chance gives: the interval of lambda is empty */
}

static void estimate_lies_within(void **state)
{
    (void)state;
    struct cramer v;
    double counts[64];
    for (size_t i = 0; i < 64; i++)
        counts[i] = 2 + (double)(i * 11 % 5);
    assert_int_equal(cramer_v(&(struct contingency){ counts, 8, 8 }, 0.95, &v), METHOD_OK);
    assert_true(v.low <= v.v && v.v <= v.high);
    assert_near(v.low, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(extremes), cmocka_unit_test(estimate_lies_within) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
