#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "etl/text_map.h"

enum { MANY = 20000 };

static void many_keys(void **state)
{
    (void)state;
    static char keys[MANY][16];
    struct text_map map = { 0 };
    for (int i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof keys[i], "key %d", i * 7919);
        struct slice key = { keys[i], strlen(keys[i]) };
        assert_null(text_map_get(&map, key));
        text_map_add(&map, key, text_map_hash(key), keys[i]);
    }
    assert_int_equal(map.count, MANY);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(text_map_get(&map, (struct slice){ keys[i], strlen(keys[i]) }), keys[i]);
    assert_null(text_map_get(&map, (struct slice){ "key", 3 }));
    text_map_release(&map);
    assert_null(text_map_get(&map, (struct slice){ "key 0", 5 }));
}

static void length_and_nul_count(void **state)
{
    (void)state;
    static const struct slice keys[] = { { "", 0 },    { "\0", 1 },       { "\0\0", 2 },      { "a", 1 },
                                         { "a\0", 2 }, { "abcdefgh", 8 }, { "abcdefgh\0", 9 } };
    struct text_map map = { 0 };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        text_map_add(&map, keys[i], text_map_hash(keys[i]), &keys[i]);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_ptr_equal(text_map_get(&map, keys[i]), &keys[i]);
    text_map_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(many_keys), cmocka_unit_test(length_and_nul_count) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
