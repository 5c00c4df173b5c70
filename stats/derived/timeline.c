#include "stats/derived/timeline.h"

#include <stdio.h>
#include <string.h>

#include "core/calendar.h"
#include "core/err.h"

/* 1970-01-05, day 4, was a Monday. */
enum { FIRST_MONDAY = 4 };

/* The Monday of week 1, which holds 4 January (ISO 8601). */
static int32_t first_week(int year)
{
    int32_t fourth = calendar_day((struct calendar_date){ year, 1, 4 });
    return fourth - (calendar_weekday(fourth) - 1);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Reads exactly `count` digits. */
static bool digits(const char *text, size_t count, int *out)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return text[count] == '\0' || text[count] == '-';
}

static bool parse_week(int year, int week, int64_t *number)
{
    int32_t monday = first_week(year) + 7 * (week - 1);
    int iso_year, iso_week;
    calendar_iso_week(monday, &iso_year, &iso_week);
    *number = floor_divide(monday - FIRST_MONDAY, 7);
    return iso_year == year && iso_week == week;
}

bool timeline_parse(const char *label, enum timeline_unit *unit, int64_t *number)
{
    int year, part;
    if (!digits(label, 4, &year) || year < 1)
        return false;
    const char *rest = label + 4;
    if (*rest == '\0') {
        *unit = TIMELINE_YEAR;
        *number = year;
        return true;
    }
    rest++;
    if (*rest == 'Q' && digits(rest + 1, 1, &part) && rest[2] == '\0' && part >= 1 && part <= 4) {
        *unit = TIMELINE_QUARTER;
        *number = (int64_t)year * 4 + part - 1;
        return true;
    }
    if (*rest == 'W' && digits(rest + 1, 2, &part) && rest[3] == '\0' && part >= 1) {
        *unit = TIMELINE_WEEK;
        return parse_week(year, part, number);
    }
    if (!digits(rest, 2, &part) || rest[2] != '\0' || part < 1 || part > 12)
        return false;
    *unit = TIMELINE_MONTH;
    *number = (int64_t)year * 12 + part - 1;
    return true;
}

static void format_week(int64_t number, char out[16])
{
    int year, week;
    calendar_iso_week((int32_t)(number * 7 + FIRST_MONDAY), &year, &week);
    snprintf(out, 16, "%04d-W%02d", year % 10000, week % 100);
}

void timeline_format(enum timeline_unit unit, int64_t number, char out[16])
{
    unsigned part;
    switch (unit) {
    case TIMELINE_MONTH:
        part = (unsigned)(number % 12) % 12 + 1;
        snprintf(out, 16, "%04u-%02u", (unsigned)(number / 12) % 10000, part);
        return;
    case TIMELINE_QUARTER:
        part = (unsigned)(number % 4) % 4 + 1;
        snprintf(out, 16, "%04u-Q%u", (unsigned)(number / 4) % 10000, part);
        return;
    case TIMELINE_WEEK:
        format_week(number, out);
        return;
    case TIMELINE_YEAR:
        snprintf(out, 16, "%04u", (unsigned)number % 10000);
        return;
    }
    BUG("unit %d", (int)unit);
}

size_t timeline_season(enum timeline_unit unit)
{
    static const size_t seasons[] = {
        [TIMELINE_MONTH] = 12,
        [TIMELINE_QUARTER] = 4,
        [TIMELINE_WEEK] = 52,
        [TIMELINE_YEAR] = 1,
    };
    return seasons[unit];
}
