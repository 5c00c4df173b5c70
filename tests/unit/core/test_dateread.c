#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/calendar.h"

static struct zone *berlin;

static int open_berlin(void **state)
{
    (void)state;
    return zone_open(&berlin, "Europe/Berlin", NULL);
}

static int close_berlin(void **state)
{
    (void)state;
    zone_free(berlin);
    return 0;
}

/* Reads `text` by one format; gives "day instant" as text, "-" if it does not fit. */
static void check(const char *pattern, const char *text, const char *expected)
{
    struct date_format *format = NULL;
    assert_int_equal(date_format_compile(&format, pattern, NULL), 0);
    struct date_read read = { .day = -7, .instant = -7 };
    char got[64] = "-";
    if (date_read(&format, 1, berlin, text, strlen(text), &read)) {
        char day[16], instant[32];
        calendar_format_day(read.day, day);
        calendar_format_instant(read.instant, instant);
        snprintf(got, sizeof got, "%s %s%s", day, instant, read.has_time ? "" : " date");
    } else {
        assert_int_equal(read.day, -7);
        assert_int_equal(read.instant, -7);
    }
    if (strcmp(got, expected) != 0)
        print_error("format %s, text %s\n", pattern, text);
    assert_string_equal(got, expected);
    date_format_free(format);
}

static void iso(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "2016-02-29", "2016-02-29 2016-02-28T23:00:00Z date" },
        { "2016-02-29T01:16", "2016-02-29 2016-02-29T00:16:00Z" },
        { "2016-02-29 01:16:07", "2016-02-29 2016-02-29T00:16:07Z" },
        { "2016-07-29T01:16:07.123456", "2016-07-29 2016-07-28T23:16:07Z" },
        { "2016-07-29T01:16:07,5", "2016-07-29 2016-07-28T23:16:07Z" },
        { "2016-02-29T01:16:07Z", "2016-02-29 2016-02-29T01:16:07Z" },
        { "2016-02-29T23:30:00Z", "2016-03-01 2016-02-29T23:30:00Z" }, /* already March in Berlin */
        { "2016-02-29T01:16:07.9Z", "2016-02-29 2016-02-29T01:16:07Z" },
        { "2016-02-29T01:16:07+05:30", "2016-02-28 2016-02-28T19:46:07Z" },
        { "2016-02-29T01:16:07-0800", "2016-02-29 2016-02-29T09:16:07Z" },
        { "2016-02-29T01:16+01", "2016-02-29 2016-02-29T00:16:00Z" },
        { "0001-01-01", "0001-01-01 0000-12-31T23:06:32Z date" }, /* local mean time +00:53:28 */
        { "9999-12-31", "9999-12-31 9999-12-30T23:00:00Z date" },
        /* impossible */
        { "2015-02-29", "-" },
        { "1900-02-29", "-" },
        { "2016-04-31", "-" },
        { "2016-00-10", "-" },
        { "2016-13-01", "-" },
        { "2016-01-00", "-" },
        { "0000-01-01", "-" },
        { "2016-01-01T24:00", "-" },
        { "2016-01-01T23:60", "-" },
        { "2016-01-01T23:59:60", "-" },
        { "2016-01-01T10:00+24:00", "-" },
        { "2016-01-01T10:00+01:60", "-" },
        /* not exactly a date */
        { "", "-" },
        { "2016", "-" },
        { "2016-02", "-" },
        { "2016-02-2", "-" },
        { "16-02-29", "-" },
        { "2016/02/29", "-" },
        { "2016-02-29 ", "-" },
        { " 2016-02-29", "-" },
        { "2016-02-29x", "-" },
        { "2016-02-29T", "-" },
        { "2016-02-29T1", "-" },
        { "2016-02-29T01:1", "-" },
        { "2016-02-29T01:16:", "-" },
        { "2016-02-29T01:16:7", "-" },
        { "2016-02-29T01:16:07.", "-" },
        { "2016-02-29T01:16:07Zx", "-" },
        { "2016-02-29T01:16:07 Z", "-" },
        { "2016-02-29T01:16:07+1", "-" },
        { "2016-02-29T01:16:07+01:0", "-" },
        { "2016-02-29T01:16:07+010", "-" },
        { "2016-02-29T-1:16", "-" },
        { "+016-02-29", "-" },
        { "20160229", "-" },
        { "2016-W09-1", "-" },
        { "2016-02-29T0x:16", "-" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check("iso", rows[i][0], rows[i][1]);
}

static void patterns(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        { "D/M/YYYY hh:mm", "29/2/2016 01:16", "2016-02-29 2016-02-29T00:16:00Z" },
        { "D/M/YYYY hh:mm", "05/03/2016 12:00", "2016-03-05 2016-03-05T11:00:00Z" },
        { "D/M/YYYY hh:mm", "29/2/2016 1:16", "-" },
        { "D/M/YYYY h:mm", "29/2/2016 1:16", "2016-02-29 2016-02-29T00:16:00Z" },
        { "D/M/YYYY h:mm", "29/2/2016 11:16", "2016-02-29 2016-02-29T10:16:00Z" },
        { "D/M/YYYY hh:mm", "29/2/2015 01:16", "-" },
        { "D/M/YYYY hh:mm", "29/2/2016 01:16:00", "-" },
        { "D/M/YYYY hh:mm", "7/29/2013 01:16", "-" },
        { "M/D/YYYY", "7/29/2013", "2013-07-29 2013-07-28T22:00:00Z date" },
        { "M/D/YYYY", "07/29/2013", "2013-07-29 2013-07-28T22:00:00Z date" },
        { "M/D/YYYY", "007/29/2013", "-" },
        { "M/D/YYYY", "29/7/2013", "-" },
        { "M/D/YYYY", "7/29/13", "-" },
        { "M/D/YYYY", "7/29/20133", "-" },
        { "M/D/YYYY", "/29/2013", "-" },
        { "MM/DD/YYYY", "7/29/2013", "-" },
        { "D.M.YYYY hh:mm", "1.12.2025 08:05", "2025-12-01 2025-12-01T07:05:00Z" },
        { "YYYYMMDD", "20160229", "2016-02-29 2016-02-28T23:00:00Z date" },
        { "YYYYMMDD", "2016022", "-" },
        { "YYYYMMDDThhmmssZ", "20160229T011607Z", "2016-02-29 2016-02-29T01:16:07Z" },
        { "YYYY-MM-DD hh:mm:ss.f Z", "2016-02-29 01:16:07.250 +0100", "2016-02-29 2016-02-29T00:16:07Z" },
        { "YYYY-MM-DD hh:mm:ss.f Z", "2016-02-29 01:16:07 +0100", "2016-02-29 2016-02-29T00:16:07Z" },
        { "DD-MM-YYYY", "29-02-2016\n", "-" },
        { "D.M.YYYY hh:mm", "31.3.2024 02:30", "2024-03-31 2024-03-31T01:00:00Z" },  /* in the gap */
        { "D.M.YYYY hh:mm", "27.10.2024 02:30", "2024-10-27 2024-10-27T00:30:00Z" }, /* the first of two */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(rows[i][0], rows[i][1], rows[i][2]);
}

static void in_order(void **state)
{
    (void)state;
    struct date_format *formats[3] = { 0 };
    assert_int_equal(date_format_compile(&formats[0], "iso", NULL), 0);
    assert_int_equal(date_format_compile(&formats[1], "D/M/YYYY", NULL), 0);
    assert_int_equal(date_format_compile(&formats[2], "M/D/YYYY", NULL), 0);
    struct date_read read;
    assert_true(date_read(formats, 3, berlin, "2/3/2024", 8, &read)); /* the first that fits: 2 March */
    assert_int_equal(read.day, 19784);
    assert_true(date_read(formats, 3, berlin, "3/31/2024", 9, &read)); /* only the third */
    assert_int_equal(read.day, 19813);
    assert_false(date_read(formats, 3, berlin, "32/32/2024", 10, &read));
    assert_false(date_read(formats, 0, berlin, "2024-03-31", 10, &read));
    for (size_t i = 0; i < 3; i++)
        date_format_free(formats[i]);
}

static void bad_patterns(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "",
        "ISO",
        "YYYY-MM",
        "MM-DD",
        "YY-MM-DD",
        "YYYY-MM-DD hh",
        "YYYY-MM-DD mm:ss",
        "YYYY-MM-DD hh:mm.f",
        "YYYY-MM-DDZ",
        "YYYY-MM-DD DD",
        "YYYYMD",
        "DMYYYY",
        "D/M/YYYY hmm",
        "YYYY-MM-DD hh:m",
        "YYYY-MM-DD hh:mm:s",
        "YYYY-MM-DD-----------------------------------------",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct date_format *format = NULL;
        struct err err = { 0 };
        assert_int_equal(date_format_compile(&format, patterns[i], &err), ERR_CONFIG);
        assert_null(format);
    }
}

static void time_of_day(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        bool has_time;
    } rows[] = {
        { "iso", true },
        { "YYYY-MM-DD", false },
        { "YYYY-MM-DD hh:mm", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct date_format *format = NULL;
        assert_int_equal(date_format_compile(&format, rows[i].pattern, NULL), 0);
        assert_int_equal(date_format_has_time(format), rows[i].has_time);
        date_format_free(format);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso),          cmocka_unit_test(patterns),    cmocka_unit_test(in_order),
        cmocka_unit_test(bad_patterns), cmocka_unit_test(time_of_day),
    };
    return cmocka_run_group_tests(tests, open_berlin, close_berlin);
}
