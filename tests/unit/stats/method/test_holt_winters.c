#include "stats/method/holt_winters.h"

#include "tests/unit/stats/method/method_test.h"

static struct holt_winters_state start(double level, double trend)
{
    struct holt_winters_state run;
    holt_winters_state_init(&run, 1, 2);
    run.level[0] = level;
    run.trend[0] = trend;
    run.seasonal[0] = 3;
    run.seasonal[1] = -3;
    return run;
}

/* Two periods by hand: expected 10 + 0.5 × 2 + 3 = 14, value 16, error 2; level 0.5 × 13 + 0.5 × 11 = 12; trend 0.5 × 2 +
 * 0.5 × 1 = 1.5; season 0.5 × 4 + 0.5 × 3 = 3.5. Then expected 12 + 0.75 - 3 = 9.75, value 9.75, error 0. */
static void by_hand(void **state)
{
    (void)state;
    struct holt_winters_parameters parameters = { .alpha = 0.5, .beta = 0.5, .gamma = 0.5, .phi = 0.5 };
    struct holt_winters_state run = start(10, 2);
    double errors[2];
    holt_winters_filter(&SERIES(2, 16, 9.75), &parameters, &run, errors);
    assert_near(errors[0], 2, 1e-15);
    assert_near(errors[1], 0, 1e-15);
    assert_near(run.level[0], 12.75, 1e-15);
    assert_near(run.trend[0], 0.75, 1e-15);
    assert_near(run.seasonal[0], 3.5, 1e-15);
    assert_near(run.seasonal[1], -3, 1e-15);
    assert_near(holt_winters_expected(&run, 0, 1, 0.5), 12.75 + 0.375 + 3.5, 1e-15);
    assert_near(holt_winters_expected(&run, 0, 4, 0.9375), 12.75 + 0.75 * 0.9375 - 3, 1e-15);
    holt_winters_state_clear(&run);
}

/* Over a gap the state is carried on: the next season is still the right one. */
static void gap(void **state)
{
    (void)state;
    struct holt_winters_parameters parameters = { .alpha = 0.5, .beta = 0.5, .gamma = 0.5, .phi = 1 };
    struct holt_winters_state run = start(10, 1);
    double errors[3];
    holt_winters_filter(&SERIES(2, NAN, NAN, 16), &parameters, &run, errors);
    assert_near(errors[0] + errors[1] + errors[2], 0, 1e-15);
    assert_near(run.level[0], 13, 1e-15);
    assert_near(holt_winters_expected(&run, 0, 1, 1), 13 + 1 - 3, 1e-15);
    holt_winters_state_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_hand), cmocka_unit_test(gap) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
