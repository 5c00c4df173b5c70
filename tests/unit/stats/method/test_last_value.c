#include "stats/method/last_value.h"

#include "tests/unit/stats/method/method_test.h"

enum { MONTHS = 41 };

static void fill(double values[MONTHS])
{
    for (size_t i = 0; i < MONTHS; i++)
        values[i] = 200 + 60 * sin(2 * M_PI * (double)i / 12) + (double)(i * 5 % 11) - 5;
}

static struct last_value judge(const double *values, size_t n)
{
    struct last_value last = { 0 };
    struct series series = { values, n, 12 };
    assert_int_equal(last_value(&series, &last), METHOD_OK);
    assert_true(last.low < last.expected && last.expected < last.high);
    assert_true(last.p > 0 && last.p <= 1);
    return last;
}

/* What can be said grows with the series. */
static void bases(void **state)
{
    (void)state;
    double values[MONTHS];
    fill(values);
    assert_int_equal(judge(values, 6).basis, LAST_VALUE_RANGES);
    assert_int_equal(judge(values, 16).basis, LAST_VALUE_LEVEL);
    assert_int_equal(judge(values, 26).basis, LAST_VALUE_SEASONAL);
    assert_true(judge(values, MONTHS).p > 0.05);
}

/* A value that would be fine in summer stands out in winter. */
static void out_of_season(void **state)
{
    (void)state;
    double values[MONTHS];
    fill(values);
    values[33] = 260; /* expected near 140 */
    struct last_value last = judge(values, 34);
    assert_near(last.expected, 140, 10);
    assert_true(last.p < 1e-6);
    assert_true(last.value > last.high);
}

/* An earlier outlier neither hides a new one nor moves the expectation. */
static void masked(void **state)
{
    (void)state;
    double values[MONTHS];
    fill(values);
    values[20] += 2000;
    values[40] -= 100;
    struct last_value last = judge(values, MONTHS);
    assert_int_equal(last.outliers, 1);
    assert_int_equal(last.n, MONTHS - 2);
    assert_true(last.p < 1e-4);
}

static void reasons(void **state)
{
    (void)state;
    struct last_value last;
    assert_int_equal(last_value(&SERIES(1, 1, 2, 3, 4), &last), METHOD_TOO_SHORT);
    assert_int_equal(last_value(&SERIES(1, 1, 2, 3, 4, NAN), &last), METHOD_GAPS);
    assert_int_equal(last_value(&SERIES(1, 5, 5, 5, 5, 9), &last), METHOD_CONSTANT);
    assert_int_equal(last_value(&SERIES(1, 5, 5, 5, 6, INFINITY), &last), METHOD_OUT_OF_RANGE);
    assert_int_equal(last_value(&(struct series){ NULL, 0, 1 }, &last), METHOD_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(bases), cmocka_unit_test(out_of_season),
                                        cmocka_unit_test(masked), cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
