#include "stats/method/attribute_chart.h"

#include "tests/unit/stats/method/method_test.h"

static double fifty[30], five[20];

static void fill(void)
{
    for (size_t i = 0; i < 30; i++)
        fifty[i] = 50;
    for (size_t i = 0; i < 20; i++)
        five[i] = 5;
}

/* Half the width of the limits without Laney's widening. */
static double plain_half(const struct attribute_chart *chart)
{
    return (chart->high - chart->centre) / fmax(1, chart->dispersion);
}

/* Montgomery, Introduction to Statistical Quality Control, example 7.1: cans of orange juice, centre .2313, limits .0524 and
 * .4102; example 7.3: personal computers, centre 1.93, upper limit 3.79. */
static void montgomery(void **state)
{
    (void)state;
    static const double cans[30] = { 12, 15, 8, 10, 4,  7,  16, 9,  14, 10, 5,  6, 17, 12, 22,
                                     8,  10, 5, 13, 11, 20, 18, 24, 15, 9,  12, 7, 13, 9,  6 };
    static const double computers[20] = { 10, 12, 8, 14, 10, 16, 11, 7, 10, 15, 9, 5, 7, 11, 12, 6, 8, 10, 7, 5 };
    struct attribute_chart chart;
    fill();
    assert_int_equal(attribute_chart(&(struct attribute_series){ cans, fifty, 30, ATTRIBUTE_P }, 50, &chart),
                     METHOD_OK);
    assert_near(chart.centre, .2313, 5e-5);
    assert_near(chart.centre + plain_half(&chart), .4102, 5e-5);
    assert_true(chart.dispersion > 1); /* two of the samples are known to be out of control */
    assert_int_equal(attribute_chart(&(struct attribute_series){ computers, five, 20, ATTRIBUTE_U }, 5, &chart),
                     METHOD_OK);
    assert_near(chart.centre, 1.93, 1e-12);
    assert_near(chart.centre + plain_half(&chart), 3.79, 5e-3);
}

/* z = -1, 1, -1, 1 on a share of one half of 100: ranges of 2, sigma z = 2 / 1.128. */
static void laney(void **state)
{
    (void)state;
    static const double counts[5] = { 45, 55, NAN, 45, 55 }, hundred[5] = { 100, 100, 100, 100, 100 };
    struct attribute_chart chart;
    assert_int_equal(attribute_chart(&(struct attribute_series){ counts, hundred, 5, ATTRIBUTE_P }, 100, &chart),
                     METHOD_OK);
    assert_int_equal(chart.n, 4);
    assert_near(chart.dispersion, 2 / 1.128, 1e-12);
    assert_near(chart.high, 0.5 + 3 * 0.05 * 2 / 1.128, 1e-12);
    static const double even[5] = { 50, 50, 50, 50, 51 };
    assert_int_equal(attribute_chart(&(struct attribute_series){ even, hundred, 5, ATTRIBUTE_P }, 100, &chart),
                     METHOD_OK);
    assert_true(chart.dispersion < 1);
    assert_near(chart.high - chart.centre, 0.15, 1e-4); /* not narrowed */
}

static void reasons(void **state)
{
    (void)state;
    static const double counts[4] = { 1, 2, 3, 4 }, none[4] = { 0 }, ones[4] = { 1, 1, 1, 1 },
                        zeros[4] = { 5, 0, 5, 5 };
    struct attribute_chart chart;
    assert_int_equal(attribute_chart(&(struct attribute_series){ counts, ones, 4, ATTRIBUTE_P }, 1, &chart),
                     METHOD_OUT_OF_RANGE);
    assert_int_equal(attribute_chart(&(struct attribute_series){ none, ones, 4, ATTRIBUTE_U }, 1, &chart),
                     METHOD_CONSTANT);
    assert_int_equal(attribute_chart(&(struct attribute_series){ ones, ones, 4, ATTRIBUTE_P }, 1, &chart),
                     METHOD_CONSTANT);
    assert_int_equal(attribute_chart(&(struct attribute_series){ counts, zeros, 4, ATTRIBUTE_U }, 1, &chart),
                     METHOD_NO_EXPOSURE);
    assert_int_equal(attribute_chart(&(struct attribute_series){ counts, ones, 4, ATTRIBUTE_U }, 0, &chart),
                     METHOD_NO_EXPOSURE);
    assert_int_equal(attribute_chart(&(struct attribute_series){ counts, ones, 3, ATTRIBUTE_U }, 1, &chart),
                     METHOD_TOO_SHORT);
    assert_int_equal(attribute_chart(&(struct attribute_series){ counts, ones, 0, ATTRIBUTE_U }, 1, &chart),
                     METHOD_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(montgomery), cmocka_unit_test(laney),
                                        cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
