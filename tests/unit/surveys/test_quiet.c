#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "surveys/quiet.h"

static int64_t instant(const char *text)
{
    struct zone *utc = NULL;
    struct date_format *iso = NULL;
    struct date_read read;
    assert_int_equal(zone_open(&utc, "UTC", NULL), 0);
    assert_int_equal(date_format_compile(&iso, "iso", NULL), 0);
    assert_true(date_read(&iso, 1, utc, text, strlen(text), &read));
    date_format_free(iso);
    zone_free(utc);
    return read.instant;
}

static void test_table(void **state)
{
    (void)state;
    enum { SUNDAY = 1 << 6, SATURDAY = 1 << 5 };
    static const struct {
        int from, to;
        unsigned days;
        const char *zone, *now, *until;
    } cases[] = {
        { 20 * 60, 8 * 60, 0, "Europe/Berlin", "2026-01-14T12:00:00Z", "2026-01-14T12:00:00Z" },
        { 20 * 60, 8 * 60, 0, "Europe/Berlin", "2026-01-14T19:00:00Z", "2026-01-15T07:00:00Z" }, /* 20:00 local */
        { 20 * 60, 8 * 60, 0, "Europe/Berlin", "2026-01-14T18:59:59Z", "2026-01-14T18:59:59Z" },
        { 20 * 60, 8 * 60, 0, "Europe/Berlin", "2026-01-14T03:00:00Z", "2026-01-14T07:00:00Z" },
        { 20 * 60, 8 * 60, 0, "America/New_York", "2026-01-14T12:59:00Z", "2026-01-14T13:00:00Z" },
        { 0, 0, 0, "UTC", "2026-01-14T03:00:00Z", "2026-01-14T03:00:00Z" },
        { 0, 0, SUNDAY, "Europe/Berlin", "2026-01-17T23:30:00Z", "2026-01-18T23:00:00Z" }, /* Sunday there already */
        { 20 * 60, 8 * 60, SATURDAY | SUNDAY, "Europe/Berlin", "2026-01-16T20:00:00Z", "2026-01-19T07:00:00Z" },
        { 20 * 60, 8 * 60, 0, "Europe/Berlin", "2026-03-28T20:00:00Z", "2026-03-29T06:00:00Z" }, /* clocks go forward */
        { 12 * 60, 13 * 60, 0, "Asia/Kathmandu", "2026-01-14T06:20:00Z", "2026-01-14T07:15:00Z" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct survey survey = { .quiet_from_minute = cases[i].from, .quiet_to_minute = cases[i].to, .quiet_weekdays = cases[i].days };
        struct zone *zone = NULL;
        assert_int_equal(zone_open(&zone, cases[i].zone, NULL), 0);
        assert_int_equal(quiet_until(&survey, zone, instant(cases[i].now)), instant(cases[i].until));
        zone_free(zone);
    }
}

static void test_never(void **state)
{
    (void)state;
    struct survey survey = { .quiet_weekdays = 0x7f };
    struct zone *zone = NULL;
    assert_int_equal(zone_open(&zone, "UTC", NULL), 0);
    assert_true(quiet_until(&survey, zone, 0) == INT64_MAX);
    zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_table), cmocka_unit_test(test_never) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
