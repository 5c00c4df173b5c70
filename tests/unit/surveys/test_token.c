#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "surveys/token.h"

static const unsigned char key[KEY_BYTES] = { 1, 2, 3 }, other_key[KEY_BYTES] = { 1, 2, 4 };

static struct slice slice(const char *text)
{
    return (struct slice) { text, strlen(text) };
}

static void test_derived_tokens_differ(void **state)
{
    (void)state;
    char a[TOKEN_LENGTH + 1], b[TOKEN_LENGTH + 1];
    token_derive(key, 1, 7, a);
    assert_int_equal(strlen(a), TOKEN_LENGTH);
    token_derive(key, 1, 7, b);
    assert_string_equal(a, b);
    token_derive(key, 2, 7, b);
    assert_string_not_equal(a, b);
    token_derive(key, 1, 8, b);
    assert_string_not_equal(a, b);
    token_derive(other_key, 1, 7, b);
    assert_string_not_equal(a, b);
}

static void test_read_as_people_write(void **state)
{
    (void)state;
    char token[TOKEN_LENGTH + 1];
    assert_true(token_read(slice("0123-4567 89AB-CDEF-GHJK-MNPQ-RS"), token));
    assert_string_equal(token, "0123456789abcdefghjkmnpqrs");
    assert_true(token_read(slice("oIlO456789abcdefghjkmnpqrs"), token));
    assert_string_equal(token, "0110456789abcdefghjkmnpqrs");
    assert_false(token_read(slice("0123456789abcdefghjkmnpqr"), token));
    assert_false(token_read(slice("0123456789abcdefghjkmnpqrst"), token));
    assert_false(token_read(slice("u123456789abcdefghjkmnpqrs"), token));
    assert_false(token_read(slice(""), token));
    assert_false(token_read((struct slice) { "0123456789abcdefghjkmnpq\0rs", 27 }, token));
}

static void test_format_reads_back(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 100; i++) {
        char token[TOKEN_LENGTH + 1], shown[TOKEN_LENGTH + 7], read[TOKEN_LENGTH + 1];
        token_derive(key, 1, i, token);
        token_format(token, shown);
        assert_true(token_read(slice(shown), read));
        assert_string_equal(token, read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derived_tokens_differ),
        cmocka_unit_test(test_read_as_people_write),
        cmocka_unit_test(test_format_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
