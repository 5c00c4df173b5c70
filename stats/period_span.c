#include "stats/period_span.h"

#include <stdio.h>

#include "core/calendar.h"
#include "core/err.h"

enum { QUARTER_MONTHS = 3, YEAR_MONTHS = 12, WEEK_DAYS = 7 };

const char *period_kind_name(enum period_kind kind)
{
    static const char *const names[] = { "month", "quarter", "week", "weekday", "year" };
    return names[kind];
}

static int32_t first_of_month(int year, int month)
{
    return calendar_day((struct calendar_date) { year, month, 1 });
}

/* `count` months from the one that begins a multiple of `count` before or in `month`. */
static struct schedule_span months(int year, int month, int count)
{
    int first = (month - 1) / count * count + 1, next = first + count;
    int32_t end = next > YEAR_MONTHS ? first_of_month(year + 1, next - YEAR_MONTHS) : first_of_month(year, next);
    return (struct schedule_span) { first_of_month(year, first), end - 1 };
}

struct schedule_span period_span(enum period_kind kind, int32_t day)
{
    struct calendar_date date = calendar_date(day);
    int32_t monday = day - calendar_weekday(day) + 1;
    switch (kind) {
    case PERIOD_MONTH:
        return months(date.year, date.month, 1);
    case PERIOD_QUARTER:
        return months(date.year, date.month, QUARTER_MONTHS);
    case PERIOD_YEAR:
        return months(date.year, 1, YEAR_MONTHS);
    case PERIOD_WEEK:
        return (struct schedule_span) { monday, monday + WEEK_DAYS - 1 };
    case PERIOD_WEEKDAY:
        break;
    }
    BUG("a weekday has no span");
}

/* ISO 8601: week 1 holds the 4th of January. */
static struct schedule_span iso_week(int year, int week)
{
    int32_t fourth = calendar_day((struct calendar_date) { year, 1, 4 });
    return period_span(PERIOD_WEEK, fourth + (week - 1) * WEEK_DAYS);
}

bool period_span_parse(enum period_kind kind, const char *label, struct schedule_span *span)
{
    static const int most[] = { [PERIOD_MONTH] = 12, [PERIOD_QUARTER] = 4, [PERIOD_WEEK] = 53 };
    int year = 0, number = 1, end = 0;
    if (kind == PERIOD_MONTH)
        sscanf(label, "%4d-%2d%n", &year, &number, &end);
    else if (kind == PERIOD_QUARTER)
        sscanf(label, "%4d-Q%1d%n", &year, &number, &end);
    else if (kind == PERIOD_WEEK)
        sscanf(label, "%4d-W%2d%n", &year, &number, &end);
    else if (kind == PERIOD_YEAR)
        sscanf(label, "%4d%n", &year, &end);
    if (!end || label[end] || number < 1 || (kind != PERIOD_YEAR && number > most[kind]))
        return false;
    if (kind == PERIOD_WEEK)
        *span = iso_week(year, number);
    else if (kind == PERIOD_MONTH)
        *span = months(year, number, 1);
    else if (kind == PERIOD_QUARTER)
        *span = months(year, (number - 1) * QUARTER_MONTHS + 1, QUARTER_MONTHS);
    else
        *span = months(year, 1, YEAR_MONTHS);
    return true;
}
