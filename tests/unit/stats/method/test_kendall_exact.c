#include "stats/method/kendall_exact.h"

#include "tests/unit/stats/method/method_test.h"

/* The 24 orders of four values have 1, 3, 5, 6, 5, 3, 1 with 0 .. 6 discordant pairs. */
static void four_values(void **state)
{
    (void)state;
    static const double at_most[7] = { 1, 4, 9, 15, 20, 23, 24 };
    for (size_t d = 0; d < 7; d++)
        assert_near(kendall_exact_at_most(4, (double)d), at_most[d] / 24, 1e-15);
    assert_near(kendall_exact_at_most(4, -1), 0, 0);
    assert_near(kendall_exact_at_most(4, 99), 1, 0);
    assert_int_equal(kendall_exact_tail(4, 0.025), 0);
    assert_int_equal(kendall_exact_tail(4, 1. / 24), 1);
    assert_int_equal(kendall_exact_tail(4, 0.3), 2);
}

/* Half of the orders lie on either side of the middle, however many there are. */
static void symmetry(void **state)
{
    (void)state;
    for (size_t n = 2; n < KENDALL_EXACT_LIMIT; n++) {
        double pairs = (double)(n * (n - 1) / 2), middle = floor((pairs - 1) / 2);
        assert_near(kendall_exact_at_most(n, middle) + kendall_exact_at_most(n, pairs - middle - 1), 1, 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(four_values), cmocka_unit_test(symmetry) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
