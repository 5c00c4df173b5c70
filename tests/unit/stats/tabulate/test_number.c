/* Numbers in cells: exact, and nothing but plain digits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "stats/tabulate/number.h"

static void amounts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t mantissa;
        int decimals;
    } good[] = { { "0", 0, 0 }, { "75.9", 759, 1 }, { "1.50", 150, 2 }, { ".5", 5, 1 }, { "5.", 5, 0 }, { "007", 7, 0 },
                 { "0.000000001", 1, 9 }, { "274877906944", INT64_C(1) << 38, 0 } };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t mantissa = -1;
        int decimals = -1;
        assert_null(number_read_amount(good[i].text, '.', &mantissa, &decimals));
        assert_int_equal(mantissa, good[i].mantissa);
        assert_int_equal(decimals, good[i].decimals);
    }
    static const char *const bad[] = { "", ".", "-", "-1", "-.5", "+1", "1e3", "1,5", "1.2.3", " 1", "1 ", "0x1", "inf", "NaN",
                                       "0.0000000001", "274877906945", "99999999999999999999999999" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t mantissa;
        int decimals;
        assert_non_null(number_read_amount(bad[i], '.', &mantissa, &decimals));
    }
}

static void decimal_comma(void **state)
{
    (void)state;
    int64_t mantissa;
    int decimals;
    assert_null(number_read_amount("1,25", ',', &mantissa, &decimals));
    assert_int_equal(mantissa, 125);
    assert_non_null(number_read_amount("1.25", ',', &mantissa, &decimals));
}

static void counts(void **state)
{
    (void)state;
    uint32_t count;
    assert_null(number_read_count("4294967295", &count));
    assert_int_equal(count, UINT32_MAX);
    static const char *const bad[] = { "", "-1", "1.0", "4294967296", "18446744073709551617", "1e3", " 1", "x" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(number_read_count(bad[i], &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts),
        cmocka_unit_test(decimal_comma),
        cmocka_unit_test(counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
