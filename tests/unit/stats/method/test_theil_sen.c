#include "stats/method/theil_sen.h"

#include "tests/unit/stats/method/method_test.h"

/* Slopes 1, 4, 7; rests 1, -2, 1. */
static void three_points(void **state)
{
    (void)state;
    struct theil_sen line;
    assert_int_equal(theil_sen(&SERIES(1, 1, 2, 9), 0.95, &line), METHOD_OK);
    assert_near(line.slope, 4, 0);
    assert_near(line.intercept, 1, 0);
    assert_false(line.has_interval);
}

/* Hollander & Wolfe, Nonparametric Statistical Methods, example 9.1: ratios of rainfall in seeded areas over five years. The ten
 * slopes are -.15 -.13 -.08 -.07 -.0575 -.055 -.045 -.0333 .01 .04; of 120 orders only one has no discordant pair,
 * four have one, so that one slope may be cut off at either end. */
static void cloud_seeding(void **state)
{
    (void)state;
    struct theil_sen line;
    assert_int_equal(theil_sen(&SERIES(1, 1.26, 1.27, 1.12, 1.16, 1.03), 0.95, &line), METHOD_OK);
    assert_near(line.slope, -.05625, 1e-15);
    assert_true(line.has_interval);
    assert_near(line.low, -.15, 1e-12);
    assert_near(line.high, .04, 1e-12);
}

static void gap_keeps_distance(void **state)
{
    (void)state;
    struct theil_sen line;
    assert_int_equal(theil_sen(&SERIES(1, 1, NAN, 3, NAN, NAN, 6), 0.95, &line), METHOD_OK);
    assert_near(line.slope, 1, 1e-15);
    assert_near(line.intercept, 1, 1e-15);
}

static void one_wild_value_does_not_matter(void **state)
{
    (void)state;
    struct theil_sen line;
    assert_int_equal(theil_sen(&SERIES(1, 0, 2, 4, 6, 1e9, 10, 12, 14, 16), 0.95, &line), METHOD_OK);
    assert_near(line.slope, 2, 1e-12);
}

static void constant(void **state)
{
    (void)state;
    struct theil_sen line;
    assert_int_equal(theil_sen(&SERIES(1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5), 0.95, &line), METHOD_OK);
    assert_near(line.slope, 0, 0);
    assert_near(line.intercept, 5, 0);
    assert_int_equal(theil_sen(&SERIES(1, 5), 0.95, &line), METHOD_TOO_SHORT);
    assert_int_equal(theil_sen(&SERIES(1, -1e308, 1e308), 0.95, &line), METHOD_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(three_points), cmocka_unit_test(cloud_seeding),
                                        cmocka_unit_test(gap_keeps_distance),
                                        cmocka_unit_test(one_wild_value_does_not_matter), cmocka_unit_test(constant) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
