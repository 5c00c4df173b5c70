#include "stats/method/seasonal_pettitt.h"

#include "stats/method/pettitt.h"
#include "tests/unit/stats/method/method_test.h"

/* Four seasons of two values that all rise: after the first cycle all four pairs lie across the split. */
static void by_hand(void **state)
{
    (void)state;
    struct seasonal_pettitt test;
    assert_int_equal(seasonal_pettitt(&SERIES(4, 1, 20, 300, 4000, 2, 21, 301, 4001), &test), METHOD_OK);
    assert_near(test.k, 4, 0);
    assert_near(test.p, 2 * exp(-6. * 16 / (4 * 2 * 2 * 3)), 1e-15);
}

/* A pattern that comes back is no change, however large. */
static void season_is_no_change(void **state)
{
    (void)state;
    struct seasonal_pettitt test;
    assert_int_equal(seasonal_pettitt(&SERIES(3, 1, 5, 900, 1, 5, 900.5, 1, 5, 900), &test), METHOD_OK);
    assert_true(test.k <= 1);
    assert_int_equal(seasonal_pettitt(&SERIES(3, 1, 5, 9, 1, 5), &test), METHOD_TOO_FEW_CYCLES);
    assert_int_equal(seasonal_pettitt(&SERIES(3, 1, 1, 1, 1, 1, 1), &test), METHOD_CONSTANT);
}

/* Sums of Pettitt's U over the seasons, one after the other. */
static void sum_of_pettitts(void **state)
{
    (void)state;
    double values[40], even[20], odd[20];
    for (size_t i = 0; i < 40; i++) {
        values[i] = (double)(i * 17 % 23) + (i >= 24 ? 9 : 0);
        (i % 2 ? odd : even)[i / 2] = values[i];
    }
    struct seasonal_pettitt both;
    struct pettitt first, second;
    assert_int_equal(seasonal_pettitt(&(struct series){ values, 40, 2 }, &both), METHOD_OK);
    assert_int_equal(pettitt(&(struct series){ even, 20, 1 }, &first), METHOD_OK);
    assert_int_equal(pettitt(&(struct series){ odd, 20, 1 }, &second), METHOD_OK);
    assert_int_equal(first.first_after, 12);
    assert_int_equal(second.first_after, 12);
    assert_near(both.k, first.k + second.k, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_hand), cmocka_unit_test(season_is_no_change),
                                        cmocka_unit_test(sum_of_pettitts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
