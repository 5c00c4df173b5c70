#include "stats/method/permutation.h"

#include "tests/unit/stats/method/method_test.h"

/* Fisher's tea: of the 70 ways, 1 + 16 + 16 + 1 are as far from 2, 2, 2, 2 as 3, 1, 1, 3 is. */
static void lady_tasting_tea(void **state)
{
    (void)state;
    struct contingency table = { (double[]){ 3, 1, 1, 3 }, 2, 2 };
    double p;
    assert_int_equal(permutation_p(&table, 20000, 7, &p), METHOD_OK);
    assert_near(p, 34. / 70, 0.015);
}

/* All 6 cases of one row in one column: 1 of 924 ways, and its mirror. */
static void rare(void **state)
{
    (void)state;
    double p;
    assert_int_equal(permutation_p(&(struct contingency){ (double[]){ 6, 0, 0, 6 }, 2, 2 }, 20000, 7, &p), METHOD_OK);
    assert_near(p, 2. / 924, 0.0015);
}

static void seeded(void **state)
{
    (void)state;
    struct contingency table = { (double[]){ 3, 1, 4, 1, 5, 9, 2, 6, 5 }, 3, 3 };
    double first, second, other;
    assert_int_equal(permutation_p(&table, 999, 7, &first), METHOD_OK);
    assert_int_equal(permutation_p(&table, 999, 7, &second), METHOD_OK);
    assert_int_equal(permutation_p(&table, 999, 8, &other), METHOD_OK);
    assert_near(first, second, 0);
    assert_true(first != other);
}

static void reasons(void **state)
{
    (void)state;
    double p;
    assert_int_equal(permutation_p(&(struct contingency){ (double[]){ 3, 1, 1.5, 3 }, 2, 2 }, 99, 1, &p),
                     METHOD_OUT_OF_RANGE);
    assert_int_equal(permutation_p(&(struct contingency){ (double[]){ 3, 1, 1e9, 3 }, 2, 2 }, 99, 1, &p),
                     METHOD_OUT_OF_RANGE);
    assert_int_equal(permutation_p(&(struct contingency){ (double[]){ 3, 1 }, 1, 2 }, 99, 1, &p), METHOD_ONE_GROUP);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lady_tasting_tea), cmocka_unit_test(rare),
                                        cmocka_unit_test(seeded), cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
