#include "stats/method/mantel_haenszel.h"

#include "tests/unit/stats/method/method_test.h"

/* One stratum of 2 × 2: (n - 1) / n of the chi-square. */
static void one_stratum(void **state)
{
    (void)state;
    struct contingency table = { (double[]){ 10, 20, 30, 40 }, 2, 2 };
    struct mantel_haenszel test;
    struct chi_square plain;
    assert_int_equal(mantel_haenszel(&table, 1, &test), METHOD_OK);
    assert_int_equal(chi_square(&table, &plain), METHOD_OK);
    assert_near(test.statistic, plain.statistic * 99 / 100, 1e-12);
    assert_near(test.odds_ratio, 400. / 600, 1e-12);
}

/* Simpson: within each stratum nothing, over both together much. */
static void simpson(void **state)
{
    (void)state;
    const struct contingency strata[3] = { { (double[]){ 80, 20, 8, 2 }, 2, 2 },
                                           { (double[]){ 2, 8, 20, 80 }, 2, 2 },
                                           { (double[]){ 1, 0, 0, 0 }, 2, 2 } };
    struct mantel_haenszel test;
    assert_int_equal(mantel_haenszel(strata, 3, &test), METHOD_OK);
    assert_near(test.statistic, 0, 1e-12);
    assert_near(test.p, 1, 1e-6);
}

static void reasons(void **state)
{
    (void)state;
    struct mantel_haenszel test;
    const struct contingency apart[2] = { { (double[]){ 5, 6, 0, 0 }, 2, 2 }, { (double[]){ 0, 0, 7, 8 }, 2, 2 } };
    assert_int_equal(mantel_haenszel(apart, 2, &test), METHOD_ONE_GROUP);
    assert_int_equal(mantel_haenszel(apart, 0, &test), METHOD_EMPTY);
    assert_int_equal(mantel_haenszel(&(struct contingency){ (double[]){ 5, -6, 1, 2 }, 2, 2 }, 1, &test),
                     METHOD_OUT_OF_RANGE);
    /* no odds ratio where nothing lies on one diagonal */
    assert_int_equal(mantel_haenszel(&(struct contingency){ (double[]){ 5, 0, 3, 8 }, 2, 2 }, 1, &test), METHOD_OK);
    assert_false(test.has_odds_ratio);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_stratum), cmocka_unit_test(simpson),
                                        cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
