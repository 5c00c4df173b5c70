#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "surveys/rate.h"

#define SECOND INT64_C(1000000000)

static int take(struct rate *rate, const char *client, int tries, int64_t now)
{
    int taken = 0;
    for (int i = 0; i < tries; i++)
        taken += rate_take(rate, client, now);
    return taken;
}

static void test_bursts_and_refills(void **state)
{
    (void)state;
    struct rate *rate;
    rate_init(&rate, 60);
    assert_int_equal(take(rate, "192.0.2.1", 100, SECOND), 15);
    assert_int_equal(take(rate, "192.0.2.1", 100, 4 * SECOND), 3);
    assert_int_equal(take(rate, "192.0.2.1", 100, 3600 * SECOND), 15);
    assert_int_equal(take(rate, "192.0.2.1", 1, SECOND), 0); /* a clock that goes back gives nothing */
    rate_free(rate);
}

static void test_clients(void **state)
{
    (void)state;
    struct rate *rate;
    rate_init(&rate, 4);
    assert_int_equal(take(rate, "192.0.2.1", 9, SECOND), 1);
    assert_int_equal(take(rate, "192.0.2.2", 9, SECOND), 1);
    assert_int_equal(take(rate, "2001:db8:1:2::1", 9, SECOND), 1);
    assert_int_equal(take(rate, "2001:db8:1:2:ffff::9", 9, SECOND), 0);
    assert_int_equal(take(rate, "2001:db8:1:3::1", 9, SECOND), 1);
    rate_free(rate);
}

static void test_client_of_header(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { NULL, "" }, { "192.0.2.1", "192.0.2.1" }, { "203.0.113.9, 192.0.2.1", "192.0.2.1" }, { "203.0.113.9,\t192.0.2.1:4711 ", "192.0.2.1" },
        { "2001:db8::1", "2001:db8::1" }, { "a, [2001:db8::1]:4711", "2001:db8::1" }, { "[2001:db8::1]", "2001:db8::1" }, { "a,", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char client[RATE_CLIENT_BYTES];
        rate_client(cases[i][0], client);
        assert_string_equal(client, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bursts_and_refills), cmocka_unit_test(test_clients),
                                        cmocka_unit_test(test_client_of_header) };
    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
