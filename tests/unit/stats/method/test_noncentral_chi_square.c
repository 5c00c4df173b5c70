#include "stats/method/noncentral_chi_square.h"

#include "tests/unit/stats/method/method_test.h"

/* pchisq() of R 4.2.2. */
static void distribution(void **state)
{
    (void)state;
    assert_near(noncentral_chi_square_cdf(10, 4, 5), 0.6382288595823111, 1e-12);
    assert_near(noncentral_chi_square_cdf(500, 3, 450), 0.8646714836084288, 1e-12);
    assert_near(noncentral_chi_square_cdf(1e5, 9, 1e5), 0.4949538611183167, 1e-10);
    assert_near(noncentral_chi_square_cdf(0.5, 1, 8), 0.0167439507536222, 1e-12);
    assert_near(noncentral_chi_square_cdf(0, 1, 8), 0, 0);
    assert_near(noncentral_chi_square_cdf(3.841458820694124, 1, 0), 0.95, 1e-12);
}

static void inversion(void **state)
{
    (void)state;
    assert_near(noncentral_chi_square_lambda(10, 4, 0.6382288595823111), 5, 1e-9);
    assert_near(noncentral_chi_square_lambda(1e5, 9, 0.4949538611183167), 1e5, 1e-4);
    assert_near(noncentral_chi_square_lambda(1, 4, 0.975), 0, 0);
    assert_near(noncentral_chi_square_lambda(0, 4, 0.025), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(distribution), cmocka_unit_test(inversion) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
