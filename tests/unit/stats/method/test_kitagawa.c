#include "stats/method/kitagawa.h"

#include "tests/unit/stats/method/method_test.h"

/* Half and half at 10 and 20 becomes four fifths at 12 and one fifth at 20: 15 becomes 13.6. */
static void by_hand(void **state)
{
    (void)state;
    const struct kitagawa_group groups[2] = { { { 50, 160 }, { 10, 12 } }, { { 50, 40 }, { 20, 20 } } };
    struct kitagawa_part parts[2];
    struct kitagawa sum;
    assert_int_equal(kitagawa(groups, 2, parts, &sum), METHOD_OK);
    assert_near(sum.overall[0], 15, 1e-15);
    assert_near(sum.overall[1], 13.6, 1e-12);
    assert_near(sum.rate, 1.3, 1e-12);
    assert_near(sum.mix, -2.7, 1e-12);
    assert_near(parts[0].mix, 0.3 * (11 - 14.3), 1e-12);
    assert_near(parts[1].rate, 0, 0);
}

static void parts_add_up(void **state)
{
    (void)state;
    const struct kitagawa_group groups[4] = {
        { { 10, 0 }, { 3, NAN } }, { { 0, 30 }, { NAN, 9 } }, { { 20, 25 }, { 4, 5 } }, { { 0, 0 }, { NAN, NAN } }
    };
    struct kitagawa_part parts[4];
    struct kitagawa sum;
    assert_int_equal(kitagawa(groups, 4, parts, &sum), METHOD_OK);
    assert_near(sum.mix + sum.rate, sum.overall[1] - sum.overall[0], 1e-12);
    assert_near(parts[0].rate, 0, 0); /* a group that ends has no rate to change */
    assert_near(parts[3].mix, 0, 0);
}

static void reasons(void **state)
{
    (void)state;
    struct kitagawa_part part;
    struct kitagawa sum;
    assert_int_equal(kitagawa(&(struct kitagawa_group){ { 10, 0 }, { 1, 1 } }, 1, &part, &sum), METHOD_NO_EXPOSURE);
    assert_int_equal(kitagawa(&(struct kitagawa_group){ { 10, 5 }, { NAN, 1 } }, 1, &part, &sum), METHOD_OUT_OF_RANGE);
    assert_int_equal(kitagawa(&(struct kitagawa_group){ { -1, 5 }, { 1, 1 } }, 1, &part, &sum), METHOD_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_hand), cmocka_unit_test(parts_add_up),
                                        cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
