#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "core/mem.h"

enum { SECONDS_PER_DAY = 86400, MAX_PARTS = 32 };

enum part {
    PART_YEAR,
    PART_MONTH,
    PART_DAY,
    PART_HOUR,
    PART_MINUTE,
    PART_SECOND,
    PART_OFFSET,
    PART_FRACTION,
    PART_LITERAL
};

struct pattern_part {
    unsigned char part;
    unsigned char least, most; /* digits */
    char literal;
};

struct date_format {
    bool is_iso, has_time;
    size_t count;
    struct pattern_part parts[MAX_PARTS];
};

/* What was read, before it is known to exist. */
struct fields {
    int value[PART_SECOND + 1];
    bool has_time, has_offset;
    int offset_s;
};

/* ---- compiling ---- */

static const struct token {
    const char *text;
    struct pattern_part part;
} tokens[] = {
    /* the longer first */
    { "YYYY", { PART_YEAR, 4, 4, 0 } }, { "MM", { PART_MONTH, 2, 2, 0 } },    { "M", { PART_MONTH, 1, 2, 0 } },
    { "DD", { PART_DAY, 2, 2, 0 } },    { "D", { PART_DAY, 1, 2, 0 } },       { "hh", { PART_HOUR, 2, 2, 0 } },
    { "h", { PART_HOUR, 1, 2, 0 } },    { "mm", { PART_MINUTE, 2, 2, 0 } },   { "ss", { PART_SECOND, 2, 2, 0 } },
    { "Z", { PART_OFFSET, 0, 0, 0 } },  { ".f", { PART_FRACTION, 0, 0, 0 } },
};

static size_t next_token(const char *pattern, struct pattern_part *part)
{
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        size_t length = strlen(tokens[i].text);
        if (strncmp(pattern, tokens[i].text, length) == 0) {
            *part = tokens[i].part;
            return length;
        }
    }
    *part = (struct pattern_part){ PART_LITERAL, 0, 0, *pattern };
    return 1;
}

/* NULL, or what is wrong with putting the part behind those already there. */
static const char *part_problem(const struct date_format *format, const struct pattern_part *part, unsigned seen)
{
    if (format->count == MAX_PARTS)
        return "is too long";
    if (part->part == PART_LITERAL && strchr("YMDhms0123456789", part->literal))
        return "is not understood; it is made of YYYY MM M DD D hh h mm ss Z .f and separators";
    if (part->part != PART_LITERAL && seen & 1U << part->part)
        return "has a part twice";
    const struct pattern_part *last = format->count ? &format->parts[format->count - 1] : NULL;
    if (last && last->least < last->most && part->most)
        return "needs a separator after M, D or h";
    return NULL;
}

/* NULL, or what is missing of the whole. */
static const char *whole_problem(unsigned seen)
{
    unsigned date = 1U << PART_YEAR | 1U << PART_MONTH | 1U << PART_DAY;
    bool hour = seen & 1U << PART_HOUR, minute = seen & 1U << PART_MINUTE, second = seen & 1U << PART_SECOND;
    if ((seen & date) != date)
        return "lacks a year (YYYY), a month (MM or M) or a day (DD or D)";
    if (hour != minute || (!hour && (second || seen & 1U << PART_OFFSET)))
        return "needs hours (hh or h) and minutes (mm) for a time of day";
    if (!second && seen & 1U << PART_FRACTION)
        return "needs seconds (ss) for a fraction";
    return NULL;
}

static int split_pattern(struct date_format *format, const char *pattern, struct err *err)
{
    unsigned seen = 0;
    const char *problem = NULL;
    for (const char *at = pattern; *at && !problem;) {
        struct pattern_part part;
        at += next_token(at, &part);
        problem = part_problem(format, &part, seen);
        if (problem)
            break;
        format->parts[format->count++] = part;
        if (part.part != PART_LITERAL)
            seen |= 1U << part.part;
    }
    if (!problem)
        problem = whole_problem(seen);
    if (problem)
        return err_set(err, ERR_CONFIG, "date format '%s' %s", pattern, problem);
    format->has_time = seen & 1U << PART_HOUR;
    return 0;
}

int date_format_compile(struct date_format **format, const char *pattern, struct err *err)
{
    struct date_format *made = mem_zalloc(1, sizeof *made);
    made->is_iso = made->has_time = strcmp(pattern, "iso") == 0;
    int code = made->is_iso ? 0 : split_pattern(made, pattern, err);
    if (code) {
        free(made);
        return code;
    }
    *format = made;
    return 0;
}

void date_format_free(struct date_format *format)
{
    free(format);
}

bool date_format_has_time(const struct date_format *format)
{
    return format->has_time;
}

/* ---- reading ---- */

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Two digits at `at`, or a negative number. */
static inline int two(const char *at)
{
    unsigned tens = (unsigned char)(at[0] - '0'), ones = (unsigned char)(at[1] - '0');
    return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

/* Takes `least` to `most` digits; returns how many, or 0. */
static size_t take_digits(const char *at, const char *end, const struct pattern_part *part, int *value)
{
    size_t length = 0;
    int number = 0;
    while (length < part->most && at + length < end && is_digit(at[length]))
        number = number * 10 + (at[length++] - '0');
    if (length < part->least)
        return 0;
    *value = number;
    return length;
}

/* Z, +hh, +hhmm or +hh:mm; returns its length, or 0. */
static size_t take_offset(const char *at, const char *end, struct fields *fields)
{
    fields->has_offset = true;
    if (at < end && *at == 'Z')
        return 1;
    if (end - at < 3 || (*at != '+' && *at != '-'))
        return 0;
    int hours = two(at + 1), minutes = 0;
    size_t length = 3;
    size_t colon = end - at >= 4 && at[3] == ':';
    if (colon || (end - at >= 4 && is_digit(at[3]))) {
        if ((size_t)(end - at) < 5 + colon)
            return 0;
        minutes = two(at + 3 + colon);
        length = 5 + colon;
    }
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return 0;
    fields->offset_s = (hours * 3600 + minutes * 60) * (*at == '-' ? -1 : 1);
    return length;
}

/* A fraction if there is one; returns its length. */
static size_t skip_fraction(const char *at, const char *end)
{
    if (end - at < 2 || (*at != '.' && *at != ',') || !is_digit(at[1]))
        return 0;
    size_t length = 2;
    while (at + length < end && is_digit(at[length]))
        length++;
    return length;
}

/* Takes one part of a pattern; returns where it ends, or NULL if the text does not fit. */
static const char *take_part(const struct pattern_part *part, const char *at, const char *end, struct fields *fields)
{
    size_t length;
    switch (part->part) {
    case PART_LITERAL:
        length = at < end && *at == part->literal;
        break;
    case PART_FRACTION:
        return at + skip_fraction(at, end);
    case PART_OFFSET:
        length = take_offset(at, end, fields);
        break;
    default:
        length = take_digits(at, end, part, &fields->value[part->part]);
    }
    return length ? at + length : NULL;
}

static bool read_pattern(const struct date_format *format, const char *at, const char *end, struct fields *fields)
{
    for (size_t i = 0; i < format->count && at; i++)
        at = take_part(&format->parts[i], at, end, fields);
    fields->has_time = format->has_time;
    return at == end;
}

static bool read_iso_time(const char *at, const char *end, struct fields *fields)
{
    if (end - at < 6 || (at[0] != 'T' && at[0] != ' ') || at[3] != ':')
        return false;
    fields->has_time = true;
    fields->value[PART_HOUR] = two(at + 1);
    fields->value[PART_MINUTE] = two(at + 4);
    at += 6;
    if (end - at >= 3 && at[0] == ':') {
        fields->value[PART_SECOND] = two(at + 1);
        at += 3;
        at += skip_fraction(at, end);
    }
    return at == end || at + take_offset(at, end, fields) == end;
}

static bool read_iso(const char *at, const char *end, struct fields *fields)
{
    if (end - at < 10 || at[4] != '-' || at[7] != '-')
        return false;
    int century = two(at), year = two(at + 2);
    if (century < 0 || year < 0)
        return false;
    fields->value[PART_YEAR] = century * 100 + year;
    fields->value[PART_MONTH] = two(at + 5);
    fields->value[PART_DAY] = two(at + 8);
    return end - at == 10 || read_iso_time(at + 10, end, fields);
}

static bool finish(const struct fields *fields, const struct zone *zone, struct date_read *out)
{
    const int *value = fields->value;
    struct calendar_date date = { value[PART_YEAR], value[PART_MONTH], value[PART_DAY] };
    if (!calendar_is_valid(date) || (unsigned)value[PART_HOUR] > 23 || (unsigned)value[PART_MINUTE] > 59 ||
        (unsigned)value[PART_SECOND] > 59)
        return false;
    int32_t day = calendar_day(date);
    int second = value[PART_HOUR] * 3600 + value[PART_MINUTE] * 60 + value[PART_SECOND];
    out->has_time = fields->has_time;
    if (fields->has_offset) {
        out->instant = (int64_t)day * SECONDS_PER_DAY + second - fields->offset_s;
        out->day = zone_day(zone, out->instant);
    } else {
        out->instant = zone_instant(zone, day, second);
        out->day = day;
    }
    return true;
}

bool date_read(struct date_format *const *formats, size_t count, const struct zone *zone, const char *text,
               size_t length, struct date_read *out)
{
    for (size_t i = 0; i < count; i++) {
        struct fields fields = { 0 };
        bool fits = formats[i]->is_iso ? read_iso(text, text + length, &fields)
                                       : read_pattern(formats[i], text, text + length, &fields);
        if (fits && finish(&fields, zone, out))
            return true;
    }
    return false;
}
