/* Expected offsets: tzdata through Python's zoneinfo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/calendar.h"

static struct zone *open_zone(const char *name)
{
    struct zone *zone = NULL;
    struct err err = { 0 };
    assert_int_equal(zone_open(&zone, name, &err), 0);
    return zone;
}

static void offsets(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t instant;
        int offset_s;
    } rows[] = {
        { "UTC", 0, 0 },
        { "Europe/Berlin", 1711846799, 3600 },
        { "Europe/Berlin", 1711846800, 7200 },
        { "Europe/Berlin", 1729990799, 7200 },
        { "Europe/Berlin", 1729990800, 3600 },
        { "Europe/Berlin", -775872000, 10800 },
        { "Europe/Berlin", -3786825600, 3208 },
        { "Europe/Berlin", 19896537600, 7200 },
        { "Europe/Berlin", 29355440399, 3600 },
        { "Europe/Dublin", 1719792000, 3600 },
        { "Asia/Kathmandu", 1704067200, 20700 },
        { "Asia/Kolkata", 0, 19800 },
        { "Australia/Lord_Howe", 1704067200, 39600 },
        { "Australia/Lord_Howe", 1719792000, 37800 },
        { "Pacific/Chatham", 1704067200, 49500 },
        { "Pacific/Apia", 1325116800, -36000 },
        { "Pacific/Apia", 1325289600, 50400 },
        { "America/St_Johns", 1719792000, -9000 },
        { "Africa/Monrovia", 31536000, -2670 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zone *zone = open_zone(rows[i].zone);
        assert_int_equal(zone_offset(zone, rows[i].instant), rows[i].offset_s);
        zone_free(zone);
    }
}

static void unknown_names(void **state)
{
    (void)state;
    static const char *const names[] = { "", "Europe/Atlantis", "GMT+3:30", "berlin\xff",
                                         "Europe/Berlin/Europe/Berlin/Europe/Berlin/Europe/Berlin/Europe/Berlin" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone *zone = NULL;
        assert_int_equal(zone_open(&zone, names[i], NULL), ERR_CONFIG);
        assert_null(zone);
    }
}

static int64_t instant_of(const struct zone *zone, struct calendar_date date, int hour, int minute)
{
    return zone_instant(zone, calendar_day(date), hour * 3600 + minute * 60);
}

static void gap_and_overlap(void **state)
{
    (void)state;
    struct zone *berlin = open_zone("Europe/Berlin");
    struct calendar_date spring = { 2024, 3, 31 }, autumn = { 2024, 10, 27 };
    assert_int_equal(instant_of(berlin, spring, 1, 59), 1711846740);
    assert_int_equal(instant_of(berlin, spring, 2, 0), 1711846800); /* in the gap: the instant after it */
    assert_int_equal(instant_of(berlin, spring, 2, 30), 1711846800);
    assert_int_equal(instant_of(berlin, spring, 3, 0), 1711846800);
    assert_int_equal(instant_of(berlin, spring, 3, 1), 1711846860);
    assert_int_equal(instant_of(berlin, autumn, 1, 59), 1729987140);
    assert_int_equal(instant_of(berlin, autumn, 2, 30), 1729989000); /* twice: the earlier */
    assert_int_equal(instant_of(berlin, autumn, 3, 0), 1729994400);
    zone_free(berlin);

    struct zone *apia = open_zone("Pacific/Apia"); /* 30 December 2011 did not exist there */
    assert_int_equal(instant_of(apia, (struct calendar_date){ 2011, 12, 30 }, 12, 0), 1325239200);
    assert_int_equal(instant_of(apia, (struct calendar_date){ 2011, 12, 31 }, 0, 0), 1325239200);
    zone_free(apia);
}

/* Law: an instant's local time leads back to it, unless it is the second pass of an overlap. */
static void there_and_back(void **state)
{
    (void)state;
    static const char *const names[] = { "UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia",
                                         "America/Caracas" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone *zone = open_zone(names[i]);
        for (int64_t instant = -5000000000; instant < 40000000000; instant += 12345677) {
            int64_t local = instant + zone_offset(zone, instant);
            int32_t day = zone_day(zone, instant);
            int second = (int)(local - (int64_t)day * 86400);
            assert_in_range(second, 0, 86399);
            int64_t back = zone_instant(zone, day, second);
            assert_true(back == instant ||
                        (back < instant && back + zone_offset(zone, back) == instant + zone_offset(zone, instant)));
        }
        zone_free(zone);
    }
}

static void days(void **state)
{
    (void)state;
    struct zone *berlin = open_zone("Europe/Berlin");
    assert_int_equal(zone_day(berlin, 1711839599), 19812); /* 2024-03-30T23:59:59+01:00 */
    assert_int_equal(zone_day(berlin, 1711839600), 19813);
    assert_int_equal(zone_day(berlin, -3601), -1);
    assert_int_equal(zone_day(berlin, -3600), 0);
    zone_free(berlin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets),        cmocka_unit_test(unknown_names), cmocka_unit_test(gap_and_overlap),
        cmocka_unit_test(there_and_back), cmocka_unit_test(days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
