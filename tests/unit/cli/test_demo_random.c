/* cli/demo_random: published test vectors, and draws that stay where they belong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/demo_random.h"

/* Vector of the xoshiro256** reference code for the state 1, 2, 3, 4, as printed in the tests of rand_xoshiro. */
static void next_is_xoshiro(void **state)
{
    (void)state;
    struct demo_random random = { { 1, 2, 3, 4 } };
    static const uint64_t expected[] = {
        11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(demo_random_next(&random) == expected[i]);
}

/* SplitMix64 of the seed 1234567, as published with the algorithm's entry on Rosetta Code. */
static void seed_is_split_mix(void **state)
{
    (void)state;
    struct demo_random random;
    static const uint64_t expected[] = { 6457827717110365317, 3203168211198807973, 9817491932198370423U,
                                         4593380528125082431 };
    demo_random_seed(&random, 1234567);
    for (size_t i = 0; i < 4; i++)
        assert_true(random.state[i] == expected[i]);
}

static void draws_are_even(void **state)
{
    (void)state;
    struct demo_random random;
    int seen[7] = { 0 };
    demo_random_seed(&random, 7);
    for (int i = 0; i < 70000; i++)
        seen[demo_random_below(&random, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 10000 - 450, 10000 + 450); /* 4.9 standard deviations */
    assert_int_equal(demo_random_below(&random, 1), 0);
}

static void picks_follow_the_weights(void **state)
{
    (void)state;
    struct demo_random random;
    static const uint16_t weights[] = { 0, 3, 0, 1, 0 };
    int seen[5] = { 0 };
    demo_random_seed(&random, 8);
    for (int i = 0; i < 40000; i++)
        seen[demo_random_pick(&random, weights, 5)]++;
    assert_int_equal(seen[0] + seen[2] + seen[4], 0);
    assert_in_range(seen[1], 29600, 30400);
    assert_false(demo_random_chance(&random, 0));
    assert_true(demo_random_chance(&random, 1000));
}

static void skewed_has_its_median_and_ends(void **state)
{
    (void)state;
    struct demo_random random;
    int below = 0;
    demo_random_seed(&random, 9);
    for (int i = 0; i < 20000; i++) {
        uint32_t drawn = demo_random_skewed(&random, 1000);
        assert_in_range(drawn, 100, 10000);
        below += drawn < 1000;
    }
    assert_in_range(below, 9600, 10400);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_is_xoshiro),
        cmocka_unit_test(seed_is_split_mix),
        cmocka_unit_test(draws_are_even),
        cmocka_unit_test(picks_follow_the_weights),
        cmocka_unit_test(skewed_has_its_median_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
