#include "stats/method/stl.h"

#include "tests/unit/stats/method/method_test.h"

enum { MONTHS = 60 };

static void fill(double values[MONTHS])
{
    for (size_t i = 0; i < MONTHS; i++)
        values[i] = 50 + 0.5 * (double)i + 8 * sin(2 * M_PI * (double)i / 12) + 0.3 * (double)(i * 7 % 5);
}

static void parts_add_up(void **state)
{
    (void)state;
    double values[MONTHS];
    fill(values);
    struct series series = { values, MONTHS, 12 };
    for (size_t window = 0; window <= 7; window += 7) {
        struct stl stl;
        assert_int_equal(stl_decompose(&series, (struct stl_options){ window, true }, &stl), METHOD_OK);
        for (size_t i = 0; i < MONTHS; i++)
            assert_near(stl.seasonal[i] + stl.trend[i] + stl.remainder[i], values[i], 1e-10);
        for (size_t i = 12; i < MONTHS && window == 0; i++)
            assert_near(stl.seasonal[i], stl.seasonal[i - 12], 0);
        assert_near(stl.seasonal[3], 8, 0.5);
        stl_free(&stl);
    }
}

/* One wild month stays in the remainder and moves nothing else. */
static void robust(void **state)
{
    (void)state;
    double values[MONTHS];
    fill(values);
    values[30] += 500;
    struct series series = { values, MONTHS, 12 };
    struct stl stl;
    assert_int_equal(stl_decompose(&series, (struct stl_options){ .robust = true }, &stl), METHOD_OK);
    assert_near(stl.weights[30], 0, 0);
    assert_near(stl.remainder[30], 500, 3);
    assert_near(stl.trend[30], 65.6, 1);
    stl_free(&stl);
}

static void reasons(void **state)
{
    (void)state;
    struct stl stl;
    struct stl_options options = { .robust = true };
    assert_int_equal(stl_decompose(&SERIES(2, 1, 2, 1, 2), options, &stl), METHOD_TOO_FEW_CYCLES);
    assert_int_equal(stl_decompose(&SERIES(1, 1, 2, 1, 2, 5), options, &stl), METHOD_TOO_FEW_CYCLES);
    assert_int_equal(stl_decompose(&SERIES(2, 1, 2, NAN, 2, 1), options, &stl), METHOD_GAPS);
    assert_int_equal(stl_decompose(&SERIES(2, 3, 3, 3, 3, 3), options, &stl), METHOD_CONSTANT);
    /* a perfect pattern leaves a remainder of rounding only: still an answer */
    assert_int_equal(stl_decompose(&SERIES(2, 1, 2, 1, 2, 1, 2, 1), options, &stl), METHOD_OK);
    stl_free(&stl);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(parts_add_up), cmocka_unit_test(robust),
                                        cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
