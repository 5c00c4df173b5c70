#include "stats/method/contingency.h"

#include "tests/unit/stats/method/method_test.h"

/* Expected counts 12, 18, 28, 42; differences of 2. */
static void by_hand(void **state)
{
    (void)state;
    const double counts[4] = { 10, 20, 30, 40 };
    struct contingency table = { counts, 2, 2 };
    struct chi_square test;
    struct margins margins;
    struct residual residual;
    assert_int_equal(chi_square(&table, &test), METHOD_OK);
    assert_near(test.statistic, 4. / 12 + 4. / 18 + 4. / 28 + 4. / 42, 1e-14);
    assert_near(test.yates, 2.25 / 12 + 2.25 / 18 + 2.25 / 28 + 2.25 / 42, 1e-14);
    assert_near(test.smallest_expected, 12, 1e-14);
    assert_int_equal(test.small_expected, 0);
    assert_int_equal(margins_of(&table, &margins), METHOD_OK);
    assert_int_equal(residual_at(&table, &margins, 0, 1, &residual), METHOD_OK);
    assert_near(residual.expected, 18, 1e-14);
    assert_near(residual.adjusted, sqrt(test.statistic), 1e-14); /* in 2 × 2 its square is the chi-square */
    assert_near(residual.p, test.p, 1e-14);
    margins_free(&margins);
}

static void empty_lines_are_left_out(void **state)
{
    (void)state;
    const double whole[4] = { 3, 9, 6, 2 }, holey[12] = { 3, 0, 9, 0, 0, 0, 6, 0, 2, 0, 0, 0 };
    struct chi_square a, b;
    assert_int_equal(chi_square(&(struct contingency){ whole, 2, 2 }, &a), METHOD_OK);
    assert_int_equal(chi_square(&(struct contingency){ holey, 4, 3 }, &b), METHOD_OK);
    assert_near(a.statistic, b.statistic, 1e-14);
    assert_near(a.yates, b.yates, 1e-14);
    assert_int_equal(b.df, 1);
    assert_true(a.small_expected > 0);
    assert_int_equal(a.small_expected, b.small_expected);
}

static void reasons(void **state)
{
    (void)state;
    struct chi_square test;
    assert_int_equal(chi_square(&(struct contingency){ (double[]){ 0, 0, 0, 0 }, 2, 2 }, &test), METHOD_EMPTY);
    assert_int_equal(chi_square(&(struct contingency){ (double[]){ 5, 6, 0, 0 }, 2, 2 }, &test), METHOD_ONE_GROUP);
    assert_int_equal(chi_square(&(struct contingency){ (double[]){ 5, 6, -1, 3 }, 2, 2 }, &test), METHOD_OUT_OF_RANGE);
    assert_int_equal(chi_square(&(struct contingency){ (double[]){ 5, 6, NAN, 3 }, 2, 2 }, &test), METHOD_OUT_OF_RANGE);
    assert_int_equal(chi_square(&(struct contingency){ NULL, 0, 0 }, &test), METHOD_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_hand), cmocka_unit_test(empty_lines_are_left_out),
                                        cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
