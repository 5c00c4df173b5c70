/* Expected windows and means are worked out by hand from the definition in stats/quantile.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"

static int64_t of(const int64_t *values, size_t n, size_t k, int percent, int64_t base)
{
    int64_t copy[64];
    assert_true(n <= 64);
    for (size_t i = 0; i < n; i++)
        copy[i] = values[i] * QUANTILE_UNIT;
    return quantile_of(copy, n, k, percent, base);
}

static void windows(void **state)
{
    (void)state;
    static const int64_t tens[] = { 70, 20, 10, 100, 40, 60, 30, 90, 80, 50, 110 }; /* 10 .. 110, the last: 110 */
    static const struct {
        size_t n, k;
        int percent;
        int64_t base, expected;
    } rows[] = {
        { 11, 1, 50, 1, 60 },                         /* centre 5.5, [5, 6): the median */
        { 10, 1, 50, 1, 55 },                         /* centre 5, [4, 6): 50 60 */
        { 11, 3, 50, 1, 60 },                         /* [4, 7): 50 60 70 */
        { 11, 4, 50, 1, 60 },                         /* 3.5 .. 7.5, [3, 8): 40 .. 80 */
        { 11, 3, 25, 1, 35 },                         /* 1.25 .. 4.25, [1, 5): 20 30 40 50 */
        { 11, 3, 75, 1, 85 },                         /* its mirror, [6, 10): 70 80 90 100 */
        { 11, 5, 90, 1, 90 },                         /* 7.4 .. 12.4, moved to [6, 11): 70 .. 110 */
        { 11, 5, 10, 1, 30 },                         /* its mirror, [0, 5): 10 .. 50 */
        { 11, 11, 50, 1, 60 },                        /* all */
        { 11, 11, 90, 1, 60 }, { 11, 3, 50, 25, 50 }, /* 60 is 2.4 times 25 */
        { 11, 3, 50, 40, 80 },                        /* 60 is 1.5 times 40: away from zero */
        { 1, 1, 50, 1, 70 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(of(tens, rows[i].n, rows[i].k, rows[i].percent, rows[i].base), rows[i].expected);
}

static void rounding(void **state)
{
    (void)state;
    assert_int_equal(quantile_person_value(7, 2), 3500);
    assert_int_equal(quantile_person_value(1, 3), 333);
    assert_int_equal(quantile_person_value(2, 3), 667);
    assert_int_equal(quantile_person_value(-2, 3), -667);
    assert_int_equal(quantile_person_value(1, 2000), 1);
    assert_int_equal(quantile_person_value(-1, 2000), -1);
    static const int64_t halves[] = { 1, 2 }, negative[] = { -1, -2 };
    assert_int_equal(of(halves, 2, 2, 50, 1), 2);
    assert_int_equal(of(negative, 2, 2, 50, 1), -2);
    int64_t large[2] = { INT64_C(1000000000000000) * 1000, INT64_C(1000000000000000) * 1000 };
    assert_int_equal(quantile_of(large, 2, 2, 50, 1), INT64_C(1000000000000000));
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Selection against sorting (qsort), with many ties, sorted and reversed input; and q mirrors 1 - q. */
static void against_sorting(void **state)
{
    (void)state;
    srandom(7);
    for (int trial = 0; trial < 400; trial++) {
        int64_t values[400], sorted[400], mirrored[400];
        size_t n = (size_t)(random() % 400) + 1, k = (size_t)random() % n + 1;
        long spread = trial % 4 ? 10 : 100000;
        for (size_t i = 0; i < n; i++)
            values[i] = (random() % spread - spread / 2) * QUANTILE_UNIT;
        memcpy(sorted, values, sizeof values);
        qsort(sorted, n, sizeof *sorted, compare);
        if (trial % 3 == 1)
            memcpy(values, sorted, sizeof values);
        for (size_t i = 0; i < n; i++)
            mirrored[i] = -values[i];
        size_t low = n > k ? (n - k) / 2 : 0, high = n - low;
        int64_t sum = 0;
        for (size_t i = low; i < high; i++)
            sum += sorted[i] / QUANTILE_UNIT;
        int64_t twice = 2 * sum, width = (int64_t)(high - low);
        int64_t mean = twice < 0 ? -((-twice + width) / (2 * width)) : (twice + width) / (2 * width);
        assert_int_equal(quantile_of(values, n, k, 50, 1), mean);
        int percent = 1 + (int)(random() % 99);
        assert_int_equal(quantile_of(values, n, k, percent, 1), -quantile_of(mirrored, n, k, 100 - percent, 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows),
        cmocka_unit_test(rounding),
        cmocka_unit_test(against_sorting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
