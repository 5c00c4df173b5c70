#include "stats/method/decompose.h"

#include "tests/unit/stats/method/method_test.h"

/* A line with steps of +1 and -1 around it: the trend is the line, the figure the steps. */
static void additive(void **state)
{
    (void)state;
    double figure[2], trend[8];
    assert_int_equal(decompose(&SERIES(2, 11, 10, 13, 12, 15, 14, 17, 16), DECOMPOSE_ADDITIVE, figure, trend),
                     METHOD_OK);
    assert_near(figure[0], 1, 1e-15);
    assert_near(figure[1], -1, 1e-15);
    assert_true(isnan(trend[0]) && isnan(trend[7]));
    assert_near(trend[1], 11, 1e-15);
    assert_near(trend[6], 16, 1e-15);
}

static void multiplicative(void **state)
{
    (void)state;
    double figure[2];
    assert_int_equal(decompose(&SERIES(2, 30, 10, 30, 10, 30, 10), DECOMPOSE_MULTIPLICATIVE, figure, NULL), METHOD_OK);
    assert_near(figure[0], 1.5, 1e-15);
    assert_near(figure[1], 0.5, 1e-15);
    assert_int_equal(decompose(&SERIES(2, 30, 0, 30, 10), DECOMPOSE_MULTIPLICATIVE, figure, NULL), METHOD_OUT_OF_RANGE);
}

static void reasons(void **state)
{
    (void)state;
    double figure[2];
    assert_int_equal(decompose(&SERIES(2, 1, 2, 3), DECOMPOSE_ADDITIVE, figure, NULL), METHOD_TOO_FEW_CYCLES);
    assert_int_equal(decompose(&SERIES(2, 1, NAN, 3, 4), DECOMPOSE_ADDITIVE, figure, NULL), METHOD_GAPS);
    assert_int_equal(decompose(&SERIES(2, 3, 3, 3, 3), DECOMPOSE_ADDITIVE, figure, NULL), METHOD_CONSTANT);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(additive), cmocka_unit_test(multiplicative),
                                        cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
