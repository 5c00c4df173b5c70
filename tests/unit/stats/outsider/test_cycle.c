#include "stats/outsider/cycle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { A = 1, B = 2, C = 4, D = 8, E = 16 };

static void test_trees_have_no_core(void **state)
{
    (void)state;
    assert_int_equal(cycle_core((uint32_t[]){ A }, 0), 0);
    assert_int_equal(cycle_core((uint32_t[]){ A | B | C }, 1), 0);
    assert_int_equal(cycle_core((uint32_t[]){ A | B, B | C, C | D }, 3), 0);
    assert_int_equal(cycle_core((uint32_t[]){ A | B, A | C, A | D, A | E }, 4), 0);
    assert_int_equal(cycle_core((uint32_t[]){ A | B, A | B, A, 0 }, 4), 0);
    assert_int_equal(cycle_core((uint32_t[]){ A | B, C | D }, 2), 0);
}

static void test_circles(void **state)
{
    (void)state;
    assert_int_equal(cycle_core((uint32_t[]){ A | B, B | C, C | A }, 3), A | B | C);
    assert_int_equal(cycle_core((uint32_t[]){ A | B, B | C, C | D, D | A }, 4), A | B | C | D);
    assert_int_equal(cycle_core((uint32_t[]){ D | E, A | B, C | A, B | C, C | D }, 5), A | B | C);
}

static void test_a_table_over_the_circle_breaks_it(void **state)
{
    (void)state;
    assert_int_equal(cycle_core((uint32_t[]){ A | B, B | C, C | A, A | B | C }, 4), 0);
    assert_int_equal(cycle_core((uint32_t[]){ A | B | C, C | D, D | E, E | A }, 4), A | B | C | D | E);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees_have_no_core),
        cmocka_unit_test(test_circles),
        cmocka_unit_test(test_a_table_over_the_circle_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
