#include "stats/method/kruskal_wallis.h"

#include "tests/unit/stats/method/method_test.h"

/* 1 2 3 against 4 5 6: rank sums 6 and 15, H = 12/42 (12 + 75) - 21 = 27/7; p of R 4.2.2. */
static void by_hand(void **state)
{
    (void)state;
    const struct kruskal_entry entries[6] = { { 1, 4, 1 }, { 0, 3, 1 }, { 0, 1, 1 },
                                              { 1, 6, 1 }, { 0, 2, 1 }, { 1, 5, 1 } };
    struct kruskal_wallis test;
    assert_int_equal(kruskal_wallis(entries, 6, 3, &test), METHOD_OK);
    assert_near(test.statistic, 27. / 7, 1e-12);
    assert_int_equal(test.df, 1);
    assert_near(test.p, 0.0495346134356268, 1e-12);
}

/* A distribution of scores gives what its single answers give. */
static void frequencies(void **state)
{
    (void)state;
    const struct kruskal_entry distribution[4] = { { 0, 1, 2 }, { 0, 3, 1 }, { 1, 3, 2 }, { 1, 5, 3 } };
    const struct kruskal_entry answers[8] = { { 0, 1, 1 }, { 0, 1, 1 }, { 0, 3, 1 }, { 1, 3, 1 },
                                              { 1, 3, 1 }, { 1, 5, 1 }, { 1, 5, 1 }, { 1, 5, 1 } };
    struct kruskal_wallis a, b;
    assert_int_equal(kruskal_wallis(distribution, 4, 2, &a), METHOD_OK);
    assert_int_equal(kruskal_wallis(answers, 8, 2, &b), METHOD_OK);
    assert_near(a.statistic, b.statistic, 1e-12);
    assert_near(a.n, 8, 0);
}

static void reasons(void **state)
{
    (void)state;
    struct kruskal_wallis test;
    const struct kruskal_entry one[2] = { { 0, 1, 1 }, { 0, 2, 1 } }, same[2] = { { 0, 1, 4 }, { 1, 1, 5 } };
    assert_int_equal(kruskal_wallis(one, 2, 2, &test), METHOD_ONE_GROUP);
    assert_int_equal(kruskal_wallis(same, 2, 2, &test), METHOD_CONSTANT);
    assert_int_equal(kruskal_wallis(same, 0, 2, &test), METHOD_EMPTY);
    assert_int_equal(kruskal_wallis(&(struct kruskal_entry){ 0, INFINITY, 1 }, 1, 1, &test), METHOD_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_hand), cmocka_unit_test(frequencies),
                                        cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
