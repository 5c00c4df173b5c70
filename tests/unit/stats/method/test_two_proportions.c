#include "stats/method/two_proportions.h"

#include "tests/unit/stats/method/method_test.h"

/* Newcombe, "Interval estimation for the difference between independent proportions", Stat. Med. 17 (1998), table II,
 * method 10. */
static void published(void **state)
{
    (void)state;
    static const struct {
        double a, m, b, n, low, high;
    } cases[] = {
        { 56, 70, 48, 80, .0524, .3339 }, { 9, 10, 3, 10, .1705, .8090 },  { 6, 7, 2, 7, .0582, .8062 },
        { 5, 56, 0, 29, -.0381, .1926 },  { 0, 10, 0, 20, -.1611, .2775 }, { 0, 10, 0, 10, -.2775, .2775 },
        { 10, 10, 0, 20, .6791, 1 },      { 10, 10, 0, 10, .6075, 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct two_proportions test;
        const struct proportion first = { cases[i].a, cases[i].m }, second = { cases[i].b, cases[i].n };
        assert_int_equal(two_proportions(&first, &second, 0.95, &test), METHOD_OK);
        assert_near(test.low, cases[i].low, 6e-5);
        assert_near(test.high, cases[i].high, 6e-5);
    }
}

static void edges(void **state)
{
    (void)state;
    struct two_proportions test;
    assert_int_equal(two_proportions(&(struct proportion){ 0, 9 }, &(struct proportion){ 0, 8 }, 0.95, &test),
                     METHOD_OK);
    assert_near(test.p, 1, 0);
    assert_int_equal(two_proportions(&(struct proportion){ 0, 0 }, &(struct proportion){ 0, 8 }, 0.95, &test),
                     METHOD_NO_EXPOSURE);
    assert_int_equal(two_proportions(&(struct proportion){ 3, 2 }, &(struct proportion){ 0, 8 }, 0.95, &test),
                     METHOD_OUT_OF_RANGE);
    assert_int_equal(two_proportions(&(struct proportion){ NAN, 2 }, &(struct proportion){ 0, 8 }, 0.95, &test),
                     METHOD_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(published), cmocka_unit_test(edges) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
