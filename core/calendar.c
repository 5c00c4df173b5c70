#include "core/calendar.h"

#include <stdio.h>

#include "core/err.h"

enum { DAYS_PER_ERA = 146097, EPOCH_SHIFT_DAYS = 719468, SECONDS_PER_DAY = 86400 };

int32_t calendar_day(struct calendar_date date)
{
    int year = date.year - (date.month <= 2); /* the year begins on 1 March, so that the leap day is its last */
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT_DAYS;
}

struct calendar_date calendar_date(int32_t day)
{
    int64_t shifted = (int64_t)day + EPOCH_SHIFT_DAYS;
    int64_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int day_of_era = (int)(shifted - era * DAYS_PER_ERA);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int march_month = (5 * day_of_year + 2) / 153;
    int month = march_month + (march_month < 10 ? 3 : -9);
    return (struct calendar_date){
        .year = (int)(year_of_era + era * 400) + (month <= 2),
        .month = month,
        .day = day_of_year - (153 * march_month + 2) / 5 + 1,
    };
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return days[month - 1] + (month == 2 && is_leap(year));
}

bool calendar_is_valid(struct calendar_date date)
{
    return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= month_days(date.year, date.month);
}

struct calendar_date calendar_add_years(struct calendar_date date, int years)
{
    date.year += years;
    if (date.month == 2 && date.day == 29 && !is_leap(date.year))
        date.day = 28;
    return date;
}

int calendar_age(struct calendar_date birth, struct calendar_date at)
{
    bool before_birthday = at.month < birth.month || (at.month == birth.month && at.day < birth.day);
    return at.year - birth.year - before_birthday;
}

int calendar_weekday(int32_t day)
{
    int64_t from_monday = ((int64_t)day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(from_monday < 0 ? from_monday + 7 : from_monday) + 1;
}

void calendar_iso_week(int32_t day, int *year, int *week)
{
    int32_t thursday = day - calendar_weekday(day) + 4; /* a week belongs to the year of its Thursday */
    *year = calendar_date(thursday).year;
    *week = (thursday - calendar_day((struct calendar_date){ *year, 1, 1 })) / 7 + 1;
}

void calendar_format_day(int32_t day, char out[16])
{
    struct calendar_date date = calendar_date(day);
    snprintf(out, 16, "%04d-%02d-%02d", date.year, date.month, date.day);
}

void calendar_format_instant(int64_t instant, char out[32])
{
    int64_t day = instant / SECONDS_PER_DAY;
    int64_t second = instant % SECONDS_PER_DAY;
    if (second < 0) {
        second += SECONDS_PER_DAY;
        day--;
    }
    BUG_ON(day < INT32_MIN || day > INT32_MAX);
    struct calendar_date date = calendar_date((int32_t)day);
    snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year, date.month, date.day, (int)(second / 3600),
             (int)(second / 60 % 60), (int)(second % 60));
}
