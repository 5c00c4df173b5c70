#include "stats/method/benjamini_hochberg.h"

#include "tests/unit/stats/method/method_test.h"

/* The example of Benjamini & Hochberg (1995), adjusted by R's p.adjust(). */
static void published(void **state)
{
    (void)state;
    static const double p[15] = { .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                                  .0459, .3240, .4262, .5719, .6528, .7590, 1.0 };
    static const double expected[15] = { .0015, .003, .0095,    .035625, .0603,    .0638571, .0638571, .0645,
                                         .0765, .486, .5811818, .714875, .7532308, .8132143, 1 };
    double adjusted[15], reversed[15];
    benjamini_hochberg(p, 15, adjusted);
    for (size_t i = 0; i < 15; i++)
        reversed[i] = p[14 - i];
    benjamini_hochberg(reversed, 15, reversed);
    for (size_t i = 0; i < 15; i++) {
        assert_near(adjusted[i], expected[i], 6e-8);
        assert_near(reversed[14 - i], adjusted[i], 0);
    }
}

static void few(void **state)
{
    (void)state;
    double p = 0.04;
    benjamini_hochberg(&p, 1, &p);
    assert_near(p, 0.04, 0);
    benjamini_hochberg(&p, 0, &p);
    double gaps[4] = { NAN, 0.01, NAN, 0.04 };
    benjamini_hochberg(gaps, 4, gaps);
    assert_near(gaps[1], 0.02, 1e-15);
    assert_near(gaps[3], 0.04, 1e-15);
    assert_true(isnan(gaps[0]) && isnan(gaps[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(published), cmocka_unit_test(few) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
