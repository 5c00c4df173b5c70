#include "stats/method/artefact.h"

#include "tests/unit/stats/method/method_test.h"

/* The closed incidents of UCI 498 per month, February 2016 to February 2017. */
#define INCIDENTS 1, 5848, 8326, 8425, 1598, 205, 71, 60, 69, 63, 63, 78, 111

static void incidents(void **state)
{
    (void)state;
    struct artefact end, beginning;
    assert_int_equal(artefact_scan(&SERIES(12, INCIDENTS), ARTEFACT_END, &end), METHOD_OK);
    assert_true(end.found);
    assert_int_equal(end.last_sound, 3);
    assert_int_equal(end.first_doubtful, 4);
    assert_near(end.doubtful_level, 71, 0);
    assert_int_equal(artefact_scan(&SERIES(12, INCIDENTS), ARTEFACT_BEGINNING, &beginning), METHOD_OK);
    assert_true(beginning.found);
    assert_int_equal(beginning.last_sound, 1);
    assert_int_equal(beginning.first_doubtful, 0);
    /* the first month withheld: dates stay */
    assert_int_equal(artefact_scan(&SERIES(12, NAN, 5848, 8326, 8425, 1598, 205, 71, NAN, 69), ARTEFACT_END, &end),
                     METHOD_OK);
    assert_true(end.found);
    assert_int_equal(end.first_doubtful, 4);
}

static bool found(struct series series)
{
    struct artefact artefact;
    assert_int_equal(artefact_scan(&series, ARTEFACT_END, &artefact), METHOD_OK);
    return artefact.found;
}

static void what_is_none(void **state)
{
    (void)state;
    assert_false(found(SERIES(12, 100, 80, 64, 51, 41, 33, 26, 21, 17, 13, 10, 8))); /* decline */
    assert_false(found(SERIES(12, 100, 100, 100, 100, 60, 60, 60, 60)));             /* a break of level */
    assert_false(found(SERIES(12, 100, 100, 20, 20, 100, 100)));                     /* comes back */
    assert_false(found(SERIES(12, 100, 100, 100, 20, 100)));                         /* one bad month */
    assert_true(found(SERIES(12, 100, 110, 95, 20)));                                /* the last month is a fragment */
    assert_true(found(SERIES(12, 100, 110, 95, 0)));
}

static void reasons(void **state)
{
    (void)state;
    struct artefact artefact;
    assert_int_equal(artefact_scan(&SERIES(12, 100, 2), ARTEFACT_END, &artefact), METHOD_TOO_SHORT);
    assert_int_equal(artefact_scan(&SERIES(12, 0, 0, 0), ARTEFACT_END, &artefact), METHOD_CONSTANT);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(incidents), cmocka_unit_test(what_is_none),
                                        cmocka_unit_test(reasons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
