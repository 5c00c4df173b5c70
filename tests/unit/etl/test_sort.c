#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "etl/sort.h"

enum { KEYS = 3000 };

static unsigned char bytes[KEYS][16];

static int compare(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    int order = memcmp(bytes[*a], bytes[*b], 16);
    return order ? order : (*a > *b) - (*a < *b);
}

/* `spread`: how many different bytes occur; few make equal high halves and equal keys. */
static void check(unsigned spread)
{
    struct sort_key keys[KEYS];
    uint32_t expected[KEYS];
    uint64_t state = spread;
    for (uint32_t i = 0; i < KEYS; i++) {
        for (int b = 0; b < 16; b++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            bytes[i][b] = (unsigned char)((state >> 40) % spread * (256 / spread));
        }
        if (spread == 2)
            memset(bytes[i], 0, 13);
        keys[i] = sort_key_of(bytes[i], i);
        expected[i] = i;
    }
    sort_keys(keys, KEYS);
    qsort(expected, KEYS, sizeof *expected, compare);
    for (uint32_t i = 0; i < KEYS; i++)
        assert_int_equal(keys[i].at, expected[i]);
}

static void test_orders_as_memcmp(void **state)
{
    (void)state;
    check(256);
    check(7);
    check(2);
    check(1);
}

static void test_ids(void **state)
{
    static const int64_t ids[] = { 5, INT64_MIN, -1, 0, INT64_MAX, -70000, 1 << 24 };
    static const uint32_t expected[] = { 1, 5, 2, 3, 0, 6, 4 };
    struct sort_key keys[7];
    (void)state;
    for (uint32_t i = 0; i < 7; i++)
        keys[i] = sort_key_of_id(ids[i], i);
    sort_keys(keys, 7);
    for (uint32_t i = 0; i < 7; i++)
        assert_int_equal(keys[i].at, expected[i]);
    sort_keys(keys, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_orders_as_memcmp), cmocka_unit_test(test_ids) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
