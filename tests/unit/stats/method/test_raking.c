#include "stats/method/raking.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/near.h"

/* apiclus1 (R package survey; Lumley, "Complex Surveys", 2010): 183 schools as six classes, with the sums of the two
 * variables that the published figures are about. Expected numbers: R's survey, converged tightly. */
static const struct {
    size_t type, wide, n;
    double api00, enroll;
} classes[] = {
    { 0, 0, 12, 7156, 5243 },  { 0, 1, 132, 86281, 57088 }, { 1, 0, 3, 1978, 2237 },
    { 1, 1, 11, 6682, 13587 }, { 2, 0, 8, 4851, 5983 },     { 2, 1, 17, 10935, 16460 },
};
enum { CLASSES = sizeof classes / sizeof *classes, SCHOOLS = 183 };

static size_t types[SCHOOLS], wides[SCHOOLS], class_of[SCHOOLS];
static double weights[SCHOOLS];
static const struct raking_margin margins[] = {
    { "stype", types, (const double[]){ 4421, 755, 1018 }, 3 },
    { "sch.wide", wides, (const double[]){ 1072, 5122 }, 2 },
};

static int set_up(void **state)
{
    (void)state;
    size_t at = 0;
    for (size_t c = 0; c < CLASSES; c++)
        for (size_t i = 0; i < classes[c].n; i++, at++) {
            types[at] = classes[c].type;
            wides[at] = classes[c].wide;
            class_of[at] = c;
            weights[at] = 33.846996307373;
        }
    return 0;
}

/* The weight of a class; all of its members have the same. */
static double class_weight(size_t c)
{
    double weight = NAN;
    for (size_t i = 0; i < SCHOOLS; i++)
        if (class_of[i] == c) {
            assert_true(isnan(weight) || weight == weights[i]);
            weight = weights[i];
        }
    return weight;
}

static void check_estimates(double mean_api00, double total_enroll, double tolerance)
{
    double sum = 0, api00 = 0, enroll = 0;
    for (size_t c = 0; c < CLASSES; c++) {
        sum += class_weight(c) * (double)classes[c].n;
        api00 += class_weight(c) * classes[c].api00;
        enroll += class_weight(c) * classes[c].enroll;
    }
    assert_near(api00 / sum, mean_api00, tolerance);
    assert_near(enroll, total_enroll, 5e-4);
}

static void test_raking(void **state)
{
    (void)state;
    struct raking_report report;
    const struct raking_limits tight = { .tolerance = 1e-13 }; /* nine decimals are published */
    assert_int_equal(raking_rake(margins, 2, weights, SCHOOLS, &tight, &report, NULL), 0);
    static const double expected[CLASSES] = { 39.839236247, 29.870675493, 67.125529241,
                                              50.329401116, 49.069072164, 36.791024864 };
    for (size_t c = 0; c < CLASSES; c++)
        assert_near(class_weight(c), expected[c], 5e-10);
    check_estimates(641.230320927, 3647280.148, 5e-10);
    assert_true(report.converged && report.deviation <= 1e-10);
    assert_near(report.design_effect, 1.0516566956, 5e-11);
    assert_near(report.effective_n, 174.0112, 5e-5);
    assert_int_equal(report.trimmed, 0);
}

static void test_one_margin_is_post_stratification(void **state)
{
    (void)state;
    struct raking_report report;
    assert_int_equal(raking_rake(margins, 1, weights, SCHOOLS, NULL, &report, NULL), 0);
    static const double expected[3] = { 30.7013888889, 53.9285714286, 40.72 };
    for (size_t c = 0; c < CLASSES; c++)
        assert_near(class_weight(c), expected[classes[c].type], 5e-11);
    check_estimates(642.3107882, 3680892.945, 5e-8);
    assert_true(report.converged);
    assert_int_equal(report.passes, 1);
}

static void test_raking_twice_changes_nothing(void **state)
{
    (void)state;
    struct raking_report report;
    assert_int_equal(raking_rake(margins, 2, weights, SCHOOLS, NULL, &report, NULL), 0);
    double before[SCHOOLS];
    memcpy(before, weights, sizeof before);
    assert_int_equal(raking_rake(margins, 2, weights, SCHOOLS, NULL, &report, NULL), 0);
    assert_int_equal(report.passes, 0);
    assert_memory_equal(before, weights, sizeof before);
}

/* Untrimmed, the heaviest weight is 1.98 times the mean. */
static void test_trimming_keeps_margins_and_cap(void **state)
{
    (void)state;
    struct raking_report report;
    struct raking_limits limits = { .cap = 1.6 };
    assert_int_equal(raking_rake(margins, 2, weights, SCHOOLS, &limits, &report, NULL), 0);
    assert_true(report.converged);
    double by_type[3] = { 0 }, sum = 0, heaviest = 0;
    for (size_t i = 0; i < SCHOOLS; i++) {
        by_type[types[i]] += weights[i];
        sum += weights[i];
        heaviest = fmax(heaviest, weights[i]);
    }
    for (size_t t = 0; t < 3; t++)
        assert_near(by_type[t], margins[0].population[t], 1e-6);
    assert_true(heaviest <= 1.6 * sum / SCHOOLS * (1 + 1e-6));
    /* The mean is 6194 / 183, the cap 54.16: the three H/No stand at it, which leaves (755 - 3 × 54.16) / 11 = 53.87
     * for H/Yes. */
    assert_int_equal(report.trimmed, 3);
    assert_near(class_weight(2), 1.6 * 6194 / SCHOOLS, 1e-4);
    assert_near(class_weight(3), (755 - 3 * 1.6 * 6194 / SCHOOLS) / 11, 1e-4);
}

static void test_a_cap_that_cannot_be_kept_is_reported(void **state)
{
    (void)state;
    struct raking_report report;
    struct raking_limits limits = { .cap = 1.5, .max_passes = 200 }; /* high schools need 1.59 on average */
    assert_int_equal(raking_rake(margins, 2, weights, SCHOOLS, &limits, &report, NULL), 0);
    assert_false(report.converged);
    assert_true(report.passes >= 200);
}

static void test_margins_that_contradict_do_not_converge(void **state)
{
    (void)state;
    /* Two respondents on the diagonal of a 2 × 2 table: both margins would need the same shares. */
    static const size_t category[] = { 0, 1 };
    const struct raking_margin both[] = { { "a", category, (const double[]){ 30, 70 }, 2 },
                                          { "b", category, (const double[]){ 50, 50 }, 2 } };
    double two[] = { 1, 1 };
    struct raking_report report;
    struct raking_limits limits = { .max_passes = 50 };
    assert_int_equal(raking_rake(both, 2, two, 2, &limits, &report, NULL), 0);
    assert_false(report.converged);
    assert_int_equal(report.passes, 50);
    assert_string_equal(report.worst, "a");
}

static void refuse(const struct raking_margin *margin, size_t count, const char *message)
{
    static const double base[] = { 1, 2, 3 };
    double copy[] = { 1, 2, 3 };
    struct raking_report report;
    struct err err = { 0 };
    assert_int_equal(raking_rake(margin, count, copy, 3, NULL, &report, &err), ERR_DATA);
    assert_string_equal(err.message, message);
    assert_memory_equal(base, copy, sizeof base);
}

static void test_refusals(void **state)
{
    (void)state;
    static const size_t category[] = { 0, 0, 1 };
    struct raking_margin margin = { "age", category, (const double[]){ 5, 5, 1 }, 3 };
    refuse(&margin, 1, "category 3 of 'age' has a population but no respondent");
    margin.categories = 2;
    margin.population = (const double[]){ 5, 0 };
    refuse(&margin, 1, "category 2 of 'age' has respondents but no population");
    margin.population = (const double[]){ 5, -1 };
    refuse(&margin, 1, "population of category 2 of 'age' is not a number of people");
    margin.population = (const double[]){ 5, NAN };
    refuse(&margin, 1, "population of category 2 of 'age' is not a number of people");
    const struct raking_margin apart[] = { { "age", category, (const double[]){ 5, 5 }, 2 },
                                           { "sex", category, (const double[]){ 5, 6 }, 2 } };
    refuse(apart, 2, "populations of 'age' and 'sex' do not add to the same");
}

static void test_base_weights_must_be_positive(void **state)
{
    (void)state;
    static const size_t category[] = { 0, 0 };
    const struct raking_margin margin = { "all", category, (const double[]){ 5 }, 1 };
    struct raking_report report;
    struct err err = { 0 };
    double weights_given[] = { 1, 0 };
    assert_int_equal(raking_rake(&margin, 1, weights_given, 2, NULL, &report, &err), ERR_DATA);
    assert_string_equal(err.message, "base weight of respondent 2 is not positive");
    assert_int_equal(raking_rake(&margin, 1, weights_given, 0, NULL, &report, &err), ERR_DATA);
    assert_string_equal(err.message, "no respondents to weight");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_raking, set_up),
        cmocka_unit_test_setup(test_one_margin_is_post_stratification, set_up),
        cmocka_unit_test_setup(test_raking_twice_changes_nothing, set_up),
        cmocka_unit_test_setup(test_trimming_keeps_margins_and_cap, set_up),
        cmocka_unit_test_setup(test_a_cap_that_cannot_be_kept_is_reported, set_up),
        cmocka_unit_test(test_margins_that_contradict_do_not_converge),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_base_weights_must_be_positive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
