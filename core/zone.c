#include <stdlib.h>
#include <string.h>

#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "core/calendar.h"
#include "core/mem.h"

/* The table reaches to the end of TABLE_END_YEAR. Later years follow the rules in force then, which repeat with the
 * Gregorian calendar every 400 years, so that a later instant is looked up that many years earlier. */
enum { TABLE_FIRST_YEAR = 1, TABLE_END_YEAR = 2500, SECONDS_PER_DAY = 86400 };
static const int64_t cycle_s = (int64_t)146097 * SECONDS_PER_DAY;

struct change {
    int64_t from; /* the instant from which the offset holds */
    int offset_s;
};

struct zone {
    struct change *changes; /* ascending; the first holds from the beginning of time */
    size_t count, capacity;
    int64_t end;
};

static int64_t year_start(int year)
{
    return (int64_t)calendar_day((struct calendar_date){ year, 1, 1 }) * SECONDS_PER_DAY;
}

/* Opens ICU's calendar for an IANA name; custom zones ("GMT+3") and unknown names are refused. */
static UCalendar *open_calendar(const char *name)
{
    UChar wide[64], canonical[64];
    if (strlen(name) >= 64)
        return NULL;
    UErrorCode status = U_ZERO_ERROR;
    UBool is_system = 0;
    int32_t length = 0;
    u_strFromUTF8(wide, 64, &length, name, -1, &status);
    ucal_getCanonicalTimeZoneID(wide, length, canonical, 64, &is_system, &status);
    if (U_FAILURE(status) || !is_system)
        return NULL;
    UCalendar *calendar = ucal_open(wide, length, "", UCAL_GREGORIAN, &status);
    return U_FAILURE(status) ? NULL : calendar;
}

static int offset_at(UCalendar *calendar, int64_t instant, UErrorCode *status)
{
    ucal_setMillis(calendar, (UDate)instant * 1000.0, status);
    return (ucal_get(calendar, UCAL_ZONE_OFFSET, status) + ucal_get(calendar, UCAL_DST_OFFSET, status)) / 1000;
}

static void add_change(struct zone *zone, int64_t from, int offset_s)
{
    if (zone->count && zone->changes[zone->count - 1].offset_s == offset_s)
        return;
    MEM_GROW(zone->changes, zone->count, zone->capacity);
    zone->changes[zone->count++] = (struct change){ from, offset_s };
}

static void read_changes(struct zone *zone, UCalendar *calendar, UErrorCode *status)
{
    int64_t instant = year_start(TABLE_FIRST_YEAR);
    zone->end = year_start(TABLE_END_YEAR + 1);
    add_change(zone, INT64_MIN, offset_at(calendar, instant, status));
    UDate next_ms;
    while (U_SUCCESS(*status) && ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &next_ms, status)) {
        instant = (int64_t)(next_ms / 1000.0);
        if (instant >= zone->end)
            break;
        add_change(zone, instant, offset_at(calendar, instant, status));
    }
}

int zone_open(struct zone **zone, const char *name, struct err *err)
{
    UCalendar *calendar = open_calendar(name);
    if (!calendar)
        return err_set(err, ERR_CONFIG, "unknown time zone '%s'; what is known are IANA names like Europe/Berlin",
                       name);
    struct zone *made = mem_zalloc(1, sizeof *made);
    UErrorCode status = U_ZERO_ERROR;
    read_changes(made, calendar, &status);
    ucal_close(calendar);
    if (U_FAILURE(status)) {
        zone_free(made);
        return err_set(err, ERR_INTERNAL, "cannot read the rules of time zone '%s': %s", name, u_errorName(status));
    }
    *zone = made;
    return 0;
}

void zone_free(struct zone *zone)
{
    if (!zone)
        return;
    free(zone->changes);
    free(zone);
}

/* Index of the change that holds at the instant. */
static size_t find(const struct zone *zone, int64_t instant)
{
    size_t low = 0, length = zone->count;
    while (length > 1) {
        size_t half = length / 2;
        low += zone->changes[low + half].from <= instant ? half : 0;
        length -= half;
    }
    return low;
}

/* Seconds by which a time after the table's end must be put back to fall into it. */
static int64_t cycles_after(const struct zone *zone, int64_t time)
{
    return time < zone->end ? 0 : ((time - zone->end) / cycle_s + 1) * cycle_s;
}

int zone_offset(const struct zone *zone, int64_t instant)
{
    return zone->changes[find(zone, instant - cycles_after(zone, instant))].offset_s;
}

int32_t zone_day(const struct zone *zone, int64_t instant)
{
    int64_t local = instant + zone_offset(zone, instant);
    int64_t day = local / SECONDS_PER_DAY - (local % SECONDS_PER_DAY < 0);
    return (int32_t)day;
}

int64_t zone_instant(const struct zone *zone, int32_t day, int second_of_day)
{
    int64_t local = (int64_t)day * SECONDS_PER_DAY + second_of_day;
    int64_t back = cycles_after(zone, local);
    local -= back;
    /* Of the stretches between changes, the first whose local time ends after `local`: offsets are under a day. */
    size_t i = find(zone, local - SECONDS_PER_DAY);
    while (i + 1 < zone->count && zone->changes[i + 1].from + zone->changes[i].offset_s <= local)
        i++;
    int64_t instant = local - zone->changes[i].offset_s;
    if (instant < zone->changes[i].from) /* in the gap before this stretch */
        instant = zone->changes[i].from;
    return instant + back;
}
