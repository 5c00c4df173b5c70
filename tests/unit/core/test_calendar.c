/* Expected values: ISO 8601 week examples as published (Wikipedia "ISO week date"), Python's datetime and zoneinfo
 * (tzdata), the German EU-rule changes of 2024 and 2026. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/calendar.h"

static int32_t day_of(int year, int month, int day)
{
    return calendar_day((struct calendar_date){ year, month, day });
}

static void known_days(void **state)
{
    (void)state;
    static const struct {
        int year, month, day;
        int32_t number;
    } rows[] = {
        { 1970, 1, 1, 0 },      { 1969, 12, 31, -1 },      { 2000, 2, 29, 11016 },   { 2000, 3, 1, 11017 },
        { 1, 1, 1, -719162 },   { 9999, 12, 31, 2932896 }, { 1600, 2, 29, -135081 }, { 1900, 3, 1, -25508 },
        { 2016, 2, 29, 16860 }, { 2026, 1, 31, 20484 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(day_of(rows[i].year, rows[i].month, rows[i].day), rows[i].number);
        struct calendar_date back = calendar_date(rows[i].number);
        assert_int_equal(back.year, rows[i].year);
        assert_int_equal(back.month, rows[i].month);
        assert_int_equal(back.day, rows[i].day);
    }
}

/* Law: every day of 400 years and beyond survives the way there and back, and days are consecutive. */
static void every_day_there_and_back(void **state)
{
    (void)state;
    for (int32_t day = day_of(1899, 1, 1); day <= day_of(2401, 1, 1); day++) {
        struct calendar_date date = calendar_date(day);
        assert_true(calendar_is_valid(date));
        assert_int_equal(calendar_day(date), day);
    }
}

static void validity(void **state)
{
    (void)state;
    static const struct {
        struct calendar_date date;
        bool valid;
    } rows[] = {
        { { 2024, 2, 29 }, true },  { { 2023, 2, 29 }, false }, { { 1900, 2, 29 }, false }, { { 2000, 2, 29 }, true },
        { { 2100, 2, 29 }, false }, { { 2024, 4, 31 }, false }, { { 2024, 13, 1 }, false }, { { 2024, 0, 1 }, false },
        { { 2024, 1, 0 }, false },  { { 2024, 1, 32 }, false }, { { 0, 1, 1 }, false },     { { 10000, 1, 1 }, false },
        { { 1, 1, 1 }, true },      { { 9999, 12, 31 }, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(calendar_is_valid(rows[i].date), rows[i].valid);
}

static void a_year_later(void **state)
{
    (void)state;
    struct calendar_date leap = calendar_add_years((struct calendar_date){ 2024, 2, 29 }, 1);
    assert_int_equal(calendar_day(leap), day_of(2025, 2, 28));
    leap = calendar_add_years((struct calendar_date){ 2024, 2, 29 }, 4);
    assert_int_equal(calendar_day(leap), day_of(2028, 2, 29));
    leap = calendar_add_years((struct calendar_date){ 2023, 2, 28 }, 1);
    assert_int_equal(calendar_day(leap), day_of(2024, 2, 28));
}

static void ages(void **state)
{
    (void)state;
    static const struct {
        struct calendar_date birth, at;
        int age;
    } rows[] = {
        { { 2000, 5, 17 }, { 2018, 5, 16 }, 17 }, { { 2000, 5, 17 }, { 2018, 5, 17 }, 18 },
        { { 2000, 2, 29 }, { 2018, 2, 28 }, 17 }, { { 2000, 2, 29 }, { 2018, 3, 1 }, 18 },
        { { 2000, 2, 29 }, { 2020, 2, 29 }, 20 }, { { 2000, 1, 1 }, { 1999, 12, 31 }, -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(calendar_age(rows[i].birth, rows[i].at), rows[i].age);
}

static void iso_weeks(void **state)
{
    (void)state;
    static const struct {
        struct calendar_date date;
        int year, week, weekday;
    } rows[] = {
        { { 1977, 1, 1 }, 1976, 53, 6 },   { { 1977, 1, 2 }, 1976, 53, 7 },   { { 1977, 12, 31 }, 1977, 52, 6 },
        { { 1978, 1, 1 }, 1977, 52, 7 },   { { 1978, 1, 2 }, 1978, 1, 1 },    { { 1978, 12, 31 }, 1978, 52, 7 },
        { { 1979, 1, 1 }, 1979, 1, 1 },    { { 1979, 12, 30 }, 1979, 52, 7 }, { { 1979, 12, 31 }, 1980, 1, 1 },
        { { 1980, 1, 1 }, 1980, 1, 2 },    { { 1980, 12, 28 }, 1980, 52, 7 }, { { 1980, 12, 29 }, 1981, 1, 1 },
        { { 1980, 12, 31 }, 1981, 1, 3 },  { { 1981, 1, 1 }, 1981, 1, 4 },    { { 1981, 12, 31 }, 1981, 53, 4 },
        { { 1982, 1, 1 }, 1981, 53, 5 },   { { 1982, 1, 3 }, 1981, 53, 7 },   { { 2008, 9, 26 }, 2008, 39, 5 },
        { { 1969, 12, 28 }, 1969, 52, 7 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int year, week;
        int32_t day = calendar_day(rows[i].date);
        calendar_iso_week(day, &year, &week);
        assert_int_equal(year, rows[i].year);
        assert_int_equal(week, rows[i].week);
        assert_int_equal(calendar_weekday(day), rows[i].weekday);
    }
}

static void formats(void **state)
{
    (void)state;
    char text[32];
    calendar_format_day(day_of(2026, 1, 31), text);
    assert_string_equal(text, "2026-01-31");
    calendar_format_day(day_of(7, 3, 4), text);
    assert_string_equal(text, "0007-03-04");
    calendar_format_instant(1769828400, text);
    assert_string_equal(text, "2026-01-31T03:00:00Z");
    calendar_format_instant(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59Z");
    calendar_format_day(INT32_MAX, text);
    calendar_format_day(INT32_MIN, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_days), cmocka_unit_test(every_day_there_and_back),
        cmocka_unit_test(validity),   cmocka_unit_test(a_year_later),
        cmocka_unit_test(ages),       cmocka_unit_test(iso_weeks),
        cmocka_unit_test(formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
