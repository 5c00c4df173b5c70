#include "stats/method/aapor.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/near.h"

static void check(const double *rates, const double *expected, size_t count, double tolerance)
{
    for (size_t i = 0; i < count; i++)
        assert_near(rates[i], expected[i], tolerance);
}

static void test_every_rate(void **state)
{
    (void)state;
    struct aapor_dispositions d = { .complete = 5,
                                    .partial = 3,
                                    .refusal = 2,
                                    .non_contact = 1,
                                    .other = 2,
                                    .unknown_address = 1,
                                    .unknown_other = 1,
                                    .not_eligible = 1 };
    struct aapor_rates rates = aapor_rates(&d, 0.5);
    check(rates.response, (double[]){ 1. / 3, 8. / 15, 5. / 14, 4. / 7, 5. / 13, 8. / 13 }, 6, 1e-15);
    check(rates.cooperation, (double[]){ 5. / 12, 2. / 3, 1. / 2, 4. / 5 }, 4, 1e-15);
    check(rates.refusal, (double[]){ 2. / 15, 1. / 7, 2. / 13 }, 3, 1e-15);
    check(rates.contact, (double[]){ 4. / 5, 6. / 7, 12. / 13 }, 3, 1e-15);
}

static void test_eligible_share_is_estimated(void **state)
{
    (void)state;
    struct aapor_dispositions d = { .complete = 4,
                                    .partial = 2,
                                    .refusal = 1,
                                    .non_contact = 1,
                                    .other = 1,
                                    .unknown_address = 1,
                                    .unknown_other = 1,
                                    .not_eligible = 1 };
    assert_near(aapor_eligible_share(&d), 0.9, 1e-15);
    struct aapor_rates rates = aapor_rates(&d, aapor_eligible_share(&d));
    check(rates.response, (double[]){ .364, .545, .370, .556, .444, .667 }, 6, 5e-4);
}

static void test_without_unknown_all_six_agree(void **state)
{
    (void)state;
    struct aapor_dispositions d = { .complete = 100, .non_contact = 20 };
    struct aapor_rates rates = aapor_rates(&d, aapor_eligible_share(&d));
    for (int i = 0; i < 6; i++)
        assert_near(rates.response[i], 100. / 120, 1e-15);
}

static void test_undefined_is_not_zero(void **state)
{
    (void)state;
    struct aapor_dispositions d = { .unknown_other = 7 };
    assert_near(aapor_eligible_share(&d), 1, 0);
    struct aapor_rates rates = aapor_rates(&d, aapor_eligible_share(&d));
    for (int i = 0; i < 4; i++)
        assert_true(rates.response[i] == 0);
    assert_true(isnan(rates.response[4]) && isnan(rates.response[5]));
    for (int i = 0; i < 4; i++)
        assert_true(isnan(rates.cooperation[i]));
    assert_true(isnan(rates.refusal[2]) && isnan(rates.contact[2]));
}

static void test_nobody_asked(void **state)
{
    (void)state;
    struct aapor_rates rates = aapor_rates(&(struct aapor_dispositions){ .not_eligible = 3 }, 0);
    for (int i = 0; i < 6; i++)
        assert_true(isnan(rates.response[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rate),
        cmocka_unit_test(test_eligible_share_is_estimated),
        cmocka_unit_test(test_without_unknown_all_six_agree),
        cmocka_unit_test(test_undefined_is_not_zero),
        cmocka_unit_test(test_nobody_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
