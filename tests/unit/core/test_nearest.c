/* core/nearest: published distances and the choice of a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/nearest.h"

static void distances_are_the_published_ones(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {
        { "", "", 0 },
        { "", "abc", 3 },
        { "kitten", "sitting", 3 },
        { "saturday", "sunday", 3 },
        { "ca", "abc", 3 }, /* 2 if a swapped pair could be edited again */
        { "ab", "ba", 1 },
        { "verison", "version", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(nearest_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(nearest_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
}

static void long_texts_are_far(void **state)
{
    (void)state;
    char text[NEAREST_MAX_LENGTH + 2] = { 0 };
    for (size_t i = 0; i < NEAREST_MAX_LENGTH; i++)
        text[i] = 'a';
    assert_int_equal(nearest_distance(text, text), 0);
    text[NEAREST_MAX_LENGTH] = 'a';
    assert_true(nearest_distance(text, text) == SIZE_MAX);
}

static void names_what_was_meant(void **state)
{
    (void)state;
    static const char *const names[] = { "closed_at", "opened_at", "case_id", "k", "by" };
    assert_string_equal(nearest_name("closed_ta", names, 5), "closed_at");
    assert_string_equal(nearest_name("close_at", names, 5), "closed_at");
    assert_string_equal(nearest_name("caseid", names, 5), "case_id");
    assert_null(nearest_name("files", names, 5));
    assert_null(nearest_name("closed_at", names, 0));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_the_published_ones),
        cmocka_unit_test(long_texts_are_far),
        cmocka_unit_test(names_what_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
