#include "stats/schedule.h"

#include <string.h>

#include "core/calendar.h"

const char *schedule_state_name(enum schedule_state state)
{
    static const char *const names[] = { "ready", "not over", "in its grace", "held back by a rejected file",
                                         "waits for a file", "begins before what is kept, so it is not whole",
                                         "withheld: a source that is not configured any more has published it" };
    return names[state];
}

bool schedule_expect_parse(const char *text, enum schedule_expect *expect)
{
    static const char *const names[] = { "none", "daily", "weekly", "monthly" };
    for (int i = 0; i < 4; i++)
        if (strcmp(text, names[i]) == 0) {
            *expect = (enum schedule_expect)i;
            return true;
        }
    return false;
}

/* The stretch of days around `day` for which one file is expected. */
static struct schedule_span unit_of(enum schedule_expect expect, int32_t day)
{
    struct calendar_date first = calendar_date(day), next;
    switch (expect) {
    case SCHEDULE_EXPECT_WEEKLY:
        day -= calendar_weekday(day) - 1;
        return (struct schedule_span){ day, day + 6 };
    case SCHEDULE_EXPECT_MONTHLY:
        first.day = 1;
        next = first.month == 12 ? (struct calendar_date){ first.year + 1, 1, 1 }
                                 : (struct calendar_date){ first.year, first.month + 1, 1 };
        return (struct schedule_span){ calendar_day(first), calendar_day(next) - 1 };
    case SCHEDULE_EXPECT_DAILY:
    case SCHEDULE_EXPECT_NONE:
        break;
    }
    return (struct schedule_span){ day, day };
}

static bool overlaps(struct schedule_span a, struct schedule_span b)
{
    return a.from <= b.to && b.from <= a.to;
}

static bool is_covered(const struct schedule_input *input, struct schedule_span unit)
{
    for (size_t i = 0; i < input->accepted_count; i++)
        if (overlaps(input->accepted[i], unit))
            return true;
    return false;
}

static bool is_held(const struct schedule_input *input, struct schedule_span period)
{
    for (size_t i = 0; i < input->held_count; i++) {
        struct schedule_span span = input->held[i];
        if (span.from > span.to || overlaps(span, period))
            return true;
    }
    return false;
}

/* A unit that begins before the period or ends after it (a week over the turn of a month) counts for both. */
static bool has_gap(const struct schedule_input *input, struct schedule_span period, int32_t *missing)
{
    if (input->expect == SCHEDULE_EXPECT_NONE)
        return false;
    for (int32_t day = period.from; day <= period.to;) {
        struct schedule_span unit = unit_of(input->expect, day);
        if (!is_covered(input, unit)) {
            *missing = day;
            return true;
        }
        day = unit.to + 1;
    }
    return false;
}

enum schedule_state schedule_check(const struct schedule_input *input, struct schedule_span period, bool gap_signed,
                                   int32_t *missing)
{
    if (input->as_of_day <= period.to)
        return SCHEDULE_OPEN;
    if (input->as_of_day <= period.to + input->grace_days)
        return SCHEDULE_GRACE;
    if (period.from < input->kept_from_day)
        return SCHEDULE_PAST;
    if (gap_signed)
        return SCHEDULE_READY;
    if (is_held(input, period))
        return SCHEDULE_HELD;
    return has_gap(input, period, missing) ? SCHEDULE_GAP : SCHEDULE_READY;
}

/* Reads so many digits; their number, or -1. */
static int read_digits(const char *text, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + text[i] - '0';
    }
    return number;
}

/* 2026-02 or 2026-02-28 with no digit after it: its length, or 0. */
static size_t read_date(const char *text, struct schedule_span *span)
{
    enum { MONTH_LENGTH = 7, DAY_LENGTH = 10 };
    struct calendar_date date = { read_digits(text, 4), 0, 1 };
    if (date.year < 0 || text[4] != '-' || (date.month = read_digits(text + 5, 2)) < 0)
        return 0;
    bool has_day = text[MONTH_LENGTH] == '-' && read_digits(text + MONTH_LENGTH + 1, 1) >= 0;
    if (has_day)
        date.day = read_digits(text + MONTH_LENGTH + 1, 2);
    size_t length = has_day ? DAY_LENGTH : MONTH_LENGTH;
    if (!calendar_is_valid(date) || read_digits(text + length, 1) >= 0)
        return 0;
    *span = unit_of(has_day ? SCHEDULE_EXPECT_DAILY : SCHEDULE_EXPECT_MONTHLY, calendar_day(date));
    return length;
}

bool schedule_name_span(const char *name, struct schedule_span *span)
{
    size_t found = 0;
    for (const char *at = name; *at; at++) {
        size_t length = at > name && read_digits(at - 1, 1) >= 0 ? 0 : read_date(at, span);
        found += length > 0;
        at += length > 0 ? length - 1 : 0;
    }
    return found == 1;
}
