/* Dates and instants. A day is a number of days since 1970-01-01 in the proleptic Gregorian calendar; an instant is a
 * number of seconds since 1970-01-01T00:00:00Z. A zone (IANA name, through ICU) says which day an instant belongs to.
 * Day arithmetic: Hinnant, "chrono-Compatible Low-Level Date Algorithms". ISO weeks: ISO 8601. */
#ifndef CORE_CALENDAR_H
#define CORE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct calendar_date {
    int year, month, day; /* 1..9999, 1..12, 1..31 */
};

int32_t calendar_day(struct calendar_date date);
struct calendar_date calendar_date(int32_t day);
bool calendar_is_valid(struct calendar_date date);
struct calendar_date calendar_add_years(struct calendar_date date, int years); /* 29 February becomes 28 February */
int calendar_age(struct calendar_date birth, struct calendar_date at);         /* full years; negative if born later */
int calendar_weekday(int32_t day);                                             /* 1 Monday .. 7 Sunday */
void calendar_iso_week(int32_t day, int *year, int *week);

/* A zone holds a table of its offset changes, so that conversions cost no library call. Not thread-safe to open,
 * safe to share once open. ERR_CONFIG for a name that ICU does not know. */
struct zone;
int zone_open(struct zone **zone, const char *name, struct err *err);
void zone_free(struct zone *zone);
int zone_offset(const struct zone *zone, int64_t instant); /* seconds east of UTC */
int32_t zone_day(const struct zone *zone, int64_t instant);
/* The instant of a local wall-clock time; in a gap the instant after it, in an overlap the earlier one. */
int64_t zone_instant(const struct zone *zone, int32_t day, int second_of_day);

/* Reading of dates in stated formats, tried in order. A format is a pattern of
 *   YYYY MM M DD D hh h mm ss  (M, D, h: one or two digits), `Z` (an offset: Z, +hh:mm, +hhmm, +hh),
 *   `.f` (an optional fraction of a second, dropped), any other character: itself;
 * or one of the names  iso (date, or date and time with T or blank, optional seconds, fraction and offset).
 * A text without an offset is local time of the zone; without a time of day it is midnight. */
struct date_format;
int date_format_compile(struct date_format **format, const char *pattern, struct err *err); /* ERR_CONFIG */
void date_format_free(struct date_format *format);
bool date_format_has_time(const struct date_format *format);

struct date_read {
    int32_t day; /* the local day: as written where there is no offset, else of the zone */
    int64_t instant;
    bool has_time;
};
/* Tries the formats in order on text[0..length); false if none fits exactly or the date does not exist. */
bool date_read(struct date_format *const *formats, size_t count, const struct zone *zone, const char *text,
               size_t length, struct date_read *out);

/* "2026-01-31" and "2026-01-31T03:00:00Z"; buffers of at least 11 and 21 bytes. */
void calendar_format_day(int32_t day, char out[16]);
void calendar_format_instant(int64_t instant, char out[32]);

#endif
