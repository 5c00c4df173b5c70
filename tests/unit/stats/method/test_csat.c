#include "stats/method/csat.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/near.h"

static void test_top_two_of_five(void **state)
{
    (void)state;
    struct wilson top = csat_top_box((int64_t[]){ 10, 7, 20, 15, 8 }, 5, 2, 0.95); /* 23 of 60 */
    assert_near(top.share, 23. / 60, 1e-15);
    assert_near(top.low, .270883, 5e-7);
    assert_near(top.high, .509824, 5e-7);
}

static void test_ends_of_the_scale(void **state)
{
    (void)state;
    const int64_t counts[] = { 20, 0, 0, 0, 0 };
    assert_near(csat_top_box(counts, 5, 2, 0.95).high, .161125, 5e-7);
    assert_true(csat_top_box(counts, 5, 5, 0.95).share == 1);
    assert_true(csat_top_box(counts, 5, 0, 0.95).share == 0);
    assert_true(isnan(csat_top_box((int64_t[]){ 0, 0 }, 2, 1, 0.95).share));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_top_two_of_five),
                                        cmocka_unit_test(test_ends_of_the_scale) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
