#include "stats/method/step_or_line.h"

#include "tests/unit/stats/method/method_test.h"

enum { MONTHS = 26, BREAK = 14 };

/* A yearly pattern with a little noise, and a step or a line on it. */
static void fill(double values[MONTHS], double step, double slope)
{
    for (size_t i = 0; i < MONTHS; i++)
        values[i] = 100 + 30 * sin(2 * M_PI * (double)i / 12) + (double)(i * 7 % 5) - 2 + slope * (double)i +
                    (i >= BREAK ? step : 0);
}

static void step_is_dated(void **state)
{
    (void)state;
    double values[MONTHS], level[MONTHS];
    struct series series = { values, MONTHS, 12 };
    struct step_or_line shape;
    fill(values, 20, 0);
    assert_int_equal(step_or_line(&series, 1, &shape), METHOD_OK);
    assert_true(shape.is_step && shape.has_season);
    assert_int_equal(shape.last_before, BREAK - 1);
    assert_int_equal(shape.first_after, BREAK);
    assert_near(shape.step, 20, 3);
    assert_true(shape.step_p < 1e-4 && shape.season_p < 1e-6);
    step_or_line_without_season(&series, &shape, level);
    for (size_t i = 0; i < MONTHS; i++)
        assert_near(level[i], i >= BREAK ? 120 : 100, 5);
}

static void line_is_none(void **state)
{
    (void)state;
    double values[MONTHS];
    struct step_or_line shape;
    fill(values, 0, 1.5);
    assert_int_equal(step_or_line(&(struct series){ values, MONTHS, 12 }, 1, &shape), METHOD_OK);
    assert_false(shape.is_step);
    assert_near(shape.slope, 1.5, 0.3);
    assert_true(shape.line_p < 1e-6);
}

/* summary(lm(c(1, 2, 3, 4, 4, 7, 5, 8) ~ 0:7)) of R 4.2.2. */
static void as_lm(void **state)
{
    (void)state;
    struct step_or_line shape;
    assert_int_equal(step_or_line(&SERIES(1, 1, 2, 3, 4, 4, 7, 5, 8), 1, &shape), METHOD_OK);
    assert_near(shape.slope, 0.904761904762, 1e-9);
    assert_near(shape.line_p, 0.00071606641116, 1e-9);
    assert_false(shape.has_season);
    double p = shape.line_p;
    assert_int_equal(step_or_line(&SERIES(1, 1, 2, 3, 4, 4, 7, 5, 8), 3, &shape), METHOD_OK);
    assert_true(shape.line_p > p);
}

static void gaps_and_reasons(void **state)
{
    (void)state;
    struct step_or_line shape;
    double level[9];
    struct series gappy = SERIES(1, 1, NAN, 1.1, 1, NAN, 9, 9.1, 9, 9);
    assert_int_equal(step_or_line(&gappy, 1, &shape), METHOD_OK);
    assert_int_equal(shape.last_before, 3);
    assert_int_equal(shape.first_after, 5);
    step_or_line_without_season(&gappy, &shape, level);
    assert_true(isnan(level[1]) && isnan(level[4]));
    assert_near(level[0], 1, 1e-12);
    assert_int_equal(step_or_line(&SERIES(1, 1, 2, 3, 4, 5), 1, &shape), METHOD_TOO_SHORT);
    assert_int_equal(step_or_line(&SERIES(4, 1, 2, 3, 4, 1, 2, 3, 4), 1, &shape), METHOD_CONSTANT);
    /* a perfect line leaves nothing: the p is 0, not a number gone wrong */
    assert_int_equal(step_or_line(&SERIES(1, 1, 2, 3, 4, 5, 6, 7), 1, &shape), METHOD_OK);
    assert_near(shape.line_p, 0, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(step_is_dated), cmocka_unit_test(line_is_none),
                                        cmocka_unit_test(as_lm), cmocka_unit_test(gaps_and_reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
