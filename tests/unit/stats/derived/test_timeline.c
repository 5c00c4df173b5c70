#include "stats/derived/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static int64_t number_of(const char *label, enum timeline_unit expected)
{
    enum timeline_unit unit;
    int64_t number;
    assert_true(timeline_parse(label, &unit, &number));
    assert_int_equal(unit, expected);
    char text[16];
    timeline_format(unit, number, text);
    assert_string_equal(text, label);
    return number;
}

static void successive(void **state)
{
    (void)state;
    assert_int_equal(number_of("2026-01", TIMELINE_MONTH) - number_of("2025-12", TIMELINE_MONTH), 1);
    assert_int_equal(number_of("2026-Q1", TIMELINE_QUARTER) - number_of("2024-Q1", TIMELINE_QUARTER), 8);
    assert_int_equal(number_of("2026", TIMELINE_YEAR) - number_of("1999", TIMELINE_YEAR), 27);
    /* 2020 had 53 ISO weeks, 2021 and 2025 52 */
    assert_int_equal(number_of("2021-W01", TIMELINE_WEEK) - number_of("2020-W53", TIMELINE_WEEK), 1);
    assert_int_equal(number_of("2026-W01", TIMELINE_WEEK) - number_of("2025-W52", TIMELINE_WEEK), 1);
    number_of("1969-W40", TIMELINE_WEEK);
}

static void no_periods(void **state)
{
    (void)state;
    static const char *const labels[] = { "",         "(total)",  "2026-13", "2026-00",    "2026-Q5",
                                          "2026-W54", "2025-W53", "2026-1",  "2026-01-01", "26-01",
                                          "0000",     "2026-W5",  "2026-",   "Monday" };
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        enum timeline_unit unit;
        int64_t number;
        assert_false(timeline_parse(labels[i], &unit, &number));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(successive), cmocka_unit_test(no_periods) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
