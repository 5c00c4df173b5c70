#include "stats/method/nps.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/near.h"

static void test_groups(void **state)
{
    (void)state;
    static const int expected[11] = { -1, -1, -1, -1, -1, -1, -1, 0, 0, 1, 1 };
    for (int score = 0; score <= 10; score++)
        assert_int_equal(nps_group(score), expected[score]);
}

static void check(struct nps nps, double score, double low, double high)
{
    assert_near(nps.score, score, 5e-7);
    assert_near(nps.low, low, 5e-7);
    assert_near(nps.high, high, 5e-7);
}

static void test_wald(void **state)
{
    (void)state;
    check(nps_wald((struct nps_counts){ 19, 6, 36 }, 0.95), 13. / 36, .115780, .606442);
    check(nps_wald((struct nps_counts){ 50, 20, 100 }, 0.95), .3, .146922, .453078);
}

static void test_adjusted_wald(void **state)
{
    (void)state;
    check(nps_adjusted_wald((struct nps_counts){ 19, 6, 36 }, 0.95), .333333, .096723, .569944);
    check(nps_adjusted_wald((struct nps_counts){ 50, 20, 100 }, 0.95), .291262, .140511, .442013);
    check(nps_adjusted_wald((struct nps_counts){ 10, 0, 10 }, 0.95), .769231, .475036, 1);
    check(nps_adjusted_wald((struct nps_counts){ 0, 0, 5 }, 0.95), 0, -.300057, .300057);
    check(nps_adjusted_wald((struct nps_counts){ 0, 10, 10 }, 0.95), -.769231, -1, -.475036);
}

static void test_comparison(void **state)
{
    (void)state;
    struct nps_difference d = nps_compare((struct nps_counts){ 50, 20, 100 }, (struct nps_counts){ 300, 150, 600 });
    assert_near(d.difference, .05, 1e-12);
    assert_near(d.standard_error, .085122, 5e-7);
    assert_near(d.z, .587389, 5e-7);
    assert_near(d.p, .556942, 5e-7);
}

static void test_nothing_and_no_spread(void **state)
{
    (void)state;
    struct nps none = nps_wald((struct nps_counts){ 0, 0, 0 }, 0.95);
    assert_true(isnan(none.score) && isnan(none.low) && isnan(none.standard_error));
    struct nps_difference d = nps_compare((struct nps_counts){ 10, 0, 10 }, (struct nps_counts){ 5, 0, 5 });
    assert_true(d.difference == 0 && d.standard_error == 0 && isnan(d.z) && isnan(d.p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_wald),
        cmocka_unit_test(test_adjusted_wald),
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_nothing_and_no_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
