#include "stats/outsider/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void test_numbers_in_order_of_arrival(void **state)
{
    (void)state;
    struct names names = { 0 };
    char text[32];
    assert_int_equal(names_find(&names, "a"), NAMES_NONE);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < 5000; i++) {
            snprintf(text, sizeof text, "name %zu", i * 7919 % 5000);
            assert_int_equal(names_add(&names, text), i);
        }
    assert_int_equal(names.count, 5000);
    assert_int_equal(names_find(&names, "name 0"), 0);
    assert_int_equal(names_find(&names, "name"), NAMES_NONE);
    assert_int_equal(names_add(&names, ""), 5000);
    names_release(&names);
    assert_int_equal(names_find(&names, "name 0"), NAMES_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_numbers_in_order_of_arrival) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
