#include "core/wilson.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/near.h"

/* Newcombe, "Two-sided confidence intervals for the single proportion", Stat. Med. 17 (1998), table I, method 3;
 * 23/60 from R. */
static void test_published_intervals(void **state)
{
    (void)state;
    static const struct {
        double successes, n, low, high;
    } cases[] = {
        { 81, 263, .255289, .366210 }, { 15, 148, .062386, .160487 }, { 0, 20, 0, .161125 },
        { 1, 29, .006113, .171755 },   { 23, 60, .270883, .509824 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wilson wilson = wilson_interval(cases[i].successes, cases[i].n, 0.95);
        assert_near(wilson.share, cases[i].successes / cases[i].n, 1e-15);
        assert_near(wilson.low, cases[i].low, 5e-7);
        assert_near(wilson.high, cases[i].high, 5e-7);
    }
}

static void test_ends_are_exact(void **state)
{
    (void)state;
    for (double n = 1; n < 2000; n = n * 1.7 + 1) {
        n = floor(n);
        struct wilson none = wilson_interval(0, n, 0.95), all = wilson_interval(n, n, 0.95);
        assert_true(none.low == 0 && none.share == 0 && none.high > 0);
        assert_true(all.high == 1 && all.share == 1 && all.low < 1);
        assert_near(none.high, 1 - all.low, 1e-12);
    }
}

static void test_nothing_asked_is_anything(void **state)
{
    (void)state;
    struct wilson wilson = wilson_interval(0, 0, 0.95);
    assert_true(isnan(wilson.share) && wilson.low == 0 && wilson.high == 1);
}

static void test_higher_level_is_wider(void **state)
{
    (void)state;
    struct wilson narrow = wilson_interval(23, 60, 0.9), wide = wilson_interval(23, 60, 0.99);
    assert_true(wide.low < narrow.low && narrow.high < wide.high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_intervals),
        cmocka_unit_test(test_ends_are_exact),
        cmocka_unit_test(test_nothing_asked_is_anything),
        cmocka_unit_test(test_higher_level_is_wider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
