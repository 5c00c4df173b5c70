/* Who can rule out a witness: those who are alone in what it changes, and those of whom it leaves too little. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "stats/protect/doubts.h"

struct share {
    uint32_t person;
    int64_t amount;
};

/* How many can rule out that the only unknown changes by so much. */
static size_t count_against(bool is_amount, const struct share *shares, size_t count, int64_t change)
{
    struct protect_problem problem;
    struct witness_set set = { 0 };
    struct knowers knowers = { 0 };
    problem_init(&problem);
    problem_add_unknown(&problem, false);
    problem.unknowns[0].is_amount = is_amount;
    for (size_t i = 0; i < count; i++)
        problem_add_contribution(&problem, 0, shares[i].person, shares[i].amount);
    problem_finish(&problem);
    witness_begin(&set, 1);
    witness_add_change(&set, 0, change);
    witness_end(&set);
    doubts_of_witness(&problem, &set, 0, &knowers);
    free(knowers.list);
    witness_set_release(&set);
    problem_release(&problem);
    return knowers.count;
}

static void test_own_cases(void **state)
{
    const struct share shares[] = { { 0, 6 }, { 1, 2 }, { 2, 1 } };
    (void)state;
    assert_int_equal(count_against(false, shares, 3, 4), 0);
    assert_int_equal(count_against(false, shares, 3, -3), 0);
    assert_int_equal(count_against(false, shares, 3, -4), 1);
    assert_int_equal(count_against(false, shares, 3, -8), 2);
    assert_int_equal(count_against(false, shares, 3, -9), 3);
}

static void test_alone(void **state)
{
    const struct share one = { 0, 6 };
    (void)state;
    assert_int_equal(count_against(false, &one, 1, 1), 1);
    assert_int_equal(count_against(true, &one, 1, 1), 1);
}

/* An amount of nothing is known to whoever is alone with it; with somebody else who has nothing, neither knows that. */
static void test_alone_with_nothing(void **state)
{
    const struct share shares[] = { { 0, 0 }, { 1, 0 } };
    (void)state;
    assert_int_equal(count_against(true, shares, 1, 2), 1);
    assert_int_equal(count_against(true, shares, 2, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_cases),
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_alone_with_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
