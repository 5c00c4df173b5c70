#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "etl/decimal.h"

static struct slice slice_of(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static void plain(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int decimals;
        bool is_number;
        int64_t nearest, floor;
        bool inexact;
    } rows[] = {
        { "0", 0, true, 0, 0, false },
        { "12", 2, true, 1200, 1200, false },
        { "12.5", 2, true, 1250, 1250, false },
        { "12.50", 2, true, 1250, 1250, false },
        { "12.345", 2, true, 1235, 1234, true },
        { "12.344999", 2, true, 1234, 1234, true },
        { "-12.345", 2, true, -1235, -1235, true },
        { "-12.344", 2, true, -1234, -1235, true },
        { "-12.340", 2, true, -1234, -1234, false },
        { "+7", 0, true, 7, 7, false },
        { ".5", 1, true, 5, 5, false },
        { "-.5", 0, true, -1, -1, true },
        { "0.5", 0, true, 1, 0, true },
        { "0.4999999999999999999999999", 0, true, 0, 0, true },
        { "007", 0, true, 7, 7, false },
        { "1.000000000000000000000000", 3, true, 1000, 1000, false },
        { "-0", 2, true, 0, 0, false },
        { "-0.001", 2, true, 0, -1, true },
        { "0.29", 2, true, 29, 29, false },
        { "1.005", 2, true, 101, 100, true }, /* binary floats say 100 */
        { "4.35", 2, true, 435, 435, false },
        { "0.123456789", 9, true, 123456789, 123456789, false },
        { "9223372036854775807", 0, true, INT64_MAX, INT64_MAX, false },
        { "-9223372036854775808", 0, true, INT64_MIN, INT64_MIN, false },
        { "92233720368547758.07", 2, true, INT64_MAX, INT64_MAX, false },
        { "9223372036854775808", 0, false, 0, 0, false },
        { "92233720368547758.08", 2, false, 0, 0, false },
        { "99999999999999999999999999", 0, false, 0, 0, false },
        { "9223372036854775807", 1, false, 0, 0, false },
        { "", 2, false, 0, 0, false },
        { "-", 2, false, 0, 0, false },
        { ".", 2, false, 0, 0, false },
        { "1.", 2, false, 0, 0, false },
        { "-.", 0, false, 0, 0, false },
        { "1.2.3", 2, false, 0, 0, false },
        { "1,5", 2, false, 0, 0, false },
        { "1,000", 2, false, 0, 0, false },
        { "1'000", 2, false, 0, 0, false },
        { "1 000", 2, false, 0, 0, false },
        { " 1", 2, false, 0, 0, false },
        { "1 ", 2, false, 0, 0, false },
        { "1e3", 2, false, 0, 0, false },
        { "0x10", 2, false, 0, 0, false },
        { "--1", 2, false, 0, 0, false },
        { "+-1", 2, false, 0, 0, false },
        { "NaN", 2, false, 0, 0, false },
        { "inf", 2, false, 0, 0, false },
        { "\xD9\xA3", 0, false, 0, 0, false },
        { "12.3x", 0, false, 0, 0, false },
        { "1-", 0, false, 0, 0, false },
        { "\xE2\x88\x92"
          "1",
          0, false, 0, 0, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (enum decimal_rounding rounding = DECIMAL_NEAREST; rounding <= DECIMAL_FLOOR; rounding++) {
            const struct decimal_format format = { '.', rows[i].decimals, rounding };
            int64_t scaled = 4711;
            bool inexact = false;
            bool read = decimal_read(slice_of(rows[i].text), &format, &scaled, &inexact);
            int64_t expected = rounding == DECIMAL_FLOOR ? rows[i].floor : rows[i].nearest;
            if (read != rows[i].is_number || (read && scaled != expected))
                print_error("%s with %d decimals: %d %lld\n", rows[i].text, rows[i].decimals, read, (long long)scaled);
            assert_int_equal(read, rows[i].is_number);
            assert_true(scaled == (read ? expected : 4711));
            assert_int_equal(inexact, rows[i].inexact);
        }
    }
}

static void comma(void **state)
{
    (void)state;
    const struct decimal_format format = { ',', 2, DECIMAL_NEAREST };
    int64_t scaled = 0;
    assert_true(decimal_read(slice_of("12,5"), &format, &scaled, NULL));
    assert_int_equal(scaled, 1250);
    assert_false(decimal_read(slice_of("12.5"), &format, &scaled, NULL));
    assert_false(decimal_read(slice_of("1.000,50"), &format, &scaled, NULL));
}

/* Law: what is printed with a number of decimals is read as the same scaled number. */
static void there_and_back(void **state)
{
    (void)state;
    for (int64_t value = -100000; value <= 100000; value += 37) {
        char text[32];
        snprintf(text, sizeof text, "%s%lld.%03lld", value < 0 ? "-" : "",
                 (long long)(value < 0 ? -value : value) / 1000, (long long)(value < 0 ? -value : value) % 1000);
        const struct decimal_format format = { '.', 3, DECIMAL_NEAREST };
        int64_t scaled = 0;
        assert_true(decimal_read(slice_of(text), &format, &scaled, NULL));
        assert_int_equal(scaled, value);
    }
}

static void ratios(void **state)
{
    (void)state;
    static const struct {
        int64_t numerator, denominator;
        int decimals;
        int64_t nearest, floor;
    } rows[] = {
        { 5400, 3600, 1, 15, 15 },  { 5400, 3600, 0, 2, 1 },
        { -5400, 3600, 0, -2, -2 }, { 1800, 3600, 0, 1, 0 },
        { -1800, 3600, 0, -1, -1 }, { 1799, 3600, 0, 0, 0 },
        { -1799, 3600, 0, 0, -1 },  { 86400, 86400, 6, 1000000, 1000000 },
        { 100, 3, 2, 3333, 3333 },  { 200, 3, 2, 6667, 6666 },
        { 0, 7, 3, 0, 0 },          { 1, 1, 0, 1, 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t scaled = 0;
        assert_true(decimal_ratio(rows[i].numerator, rows[i].denominator,
                                  &(struct decimal_format){ '.', rows[i].decimals, DECIMAL_NEAREST }, &scaled));
        assert_int_equal(scaled, rows[i].nearest);
        assert_true(decimal_ratio(rows[i].numerator, rows[i].denominator,
                                  &(struct decimal_format){ '.', rows[i].decimals, DECIMAL_FLOOR }, &scaled));
        assert_int_equal(scaled, rows[i].floor);
    }
    int64_t scaled = 7;
    assert_false(decimal_ratio(INT64_MAX, 1, &(struct decimal_format){ '.', 1, DECIMAL_NEAREST }, &scaled));
    assert_int_equal(scaled, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(comma),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(ratios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
