#include "surveys/quiet.h"

enum { DAY_MINUTES = 24 * 60, SEARCH_DAYS = 9 };

static bool is_quiet_day(const struct survey *survey, int32_t day)
{
    return survey->quiet_weekdays >> (calendar_weekday(day) - 1) & 1u;
}

static bool is_quiet_minute(const struct survey *survey, int minute)
{
    int from = survey->quiet_from_minute, to = survey->quiet_to_minute;
    if (from <= to)
        return minute >= from && minute < to;
    return minute >= from || minute < to;
}

static int minute_of_day(const struct zone *zone, int64_t instant, int32_t day)
{
    int64_t local = instant + zone_offset(zone, instant) - (int64_t)day * 86400;
    return (int)(local / 60);
}

/* The first minute of the day from `minute` on that is not quiet; DAY_MINUTES if there is none. */
static int next_open_minute(const struct survey *survey, int minute)
{
    if (!is_quiet_minute(survey, minute))
        return minute;
    int to = survey->quiet_to_minute;
    return to > minute ? to : DAY_MINUTES;
}

int64_t quiet_until(const struct survey *survey, const struct zone *zone, int64_t now)
{
    int32_t today = zone_day(zone, now);
    for (int32_t day = today; day < today + SEARCH_DAYS; day++) {
        int begin = day == today ? minute_of_day(zone, now, today) : 0;
        int minute = is_quiet_day(survey, day) ? DAY_MINUTES : next_open_minute(survey, begin);
        if (minute == DAY_MINUTES)
            continue;
        int64_t instant = zone_instant(zone, day, minute * 60);
        return instant > now ? instant : now;
    }
    return INT64_MAX;
}
