#include "stats/method/holt_winters.h"

#include "tests/unit/stats/method/method_test.h"

/* Two periods by hand: expected 10 + 0.5 × 2 + 3 = 14, value 16, error 2; level 0.5 × 13 + 0.5 × 11 = 12; trend 0.5 × 2 +
 * 0.5 × 1 = 1.5; season 0.5 × 4 + 0.5 × 3 = 3.5. Then expected 12 + 0.75 - 3 = 9.75, value 9.75, error 0. */
static void by_hand(void **state)
{
    (void)state;
    struct holt_winters_parameters parameters = { .alpha = 0.5, .beta = 0.5, .gamma = 0.5, .phi = 0.5 };
    struct holt_winters_state run = { .level = 10, .trend = 2, .seasonal = { 3, -3 } };
    double errors[2];
    assert_near(holt_winters_filter(&SERIES(2, 16, 9.75), &parameters, &run, errors), 4, 1e-15);
    assert_near(errors[0], 2, 1e-15);
    assert_near(errors[1], 0, 1e-15);
    assert_near(run.level, 12.75, 1e-15);
    assert_near(run.trend, 0.75, 1e-15);
    assert_near(run.seasonal[0], 3.5, 1e-15);
    assert_near(run.seasonal[1], -3, 1e-15);
    assert_near(holt_winters_expected(&run, 0.5, 2, 1), 12.75 + 0.375 + 3.5, 1e-15);
    assert_near(holt_winters_expected(&run, 0.5, 2, 4), 12.75 + 0.75 * (0.5 + 0.25 + 0.125 + 0.0625) - 3, 1e-15);
}

/* Over a gap the state is carried on: the next season is still the right one. */
static void gap(void **state)
{
    (void)state;
    struct holt_winters_parameters parameters = { .alpha = 0.5, .beta = 0.5, .gamma = 0.5, .phi = 1 };
    struct holt_winters_state run = { .level = 10, .trend = 1, .seasonal = { 3, -3 } };
    double errors[3];
    assert_near(holt_winters_filter(&SERIES(2, NAN, NAN, 16), &parameters, &run, errors), 0, 1e-15);
    assert_near(run.level, 13, 1e-15);
    assert_near(run.seasonal[0], -3, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_hand), cmocka_unit_test(gap) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
