#include "stats/period.h"

#include <stdio.h>
#include <string.h>

#include "core/calendar.h"

static const char *const kind_names[] = { "month", "quarter", "week", "weekday", "year" };
static const char *const weekdays[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

bool period_kind_parse(const char *name, enum period_kind *kind)
{
    for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; i++)
        if (!strcmp(name, kind_names[i])) {
            *kind = (enum period_kind)i;
            return true;
        }
    return false;
}

bool period_is_base(enum period_kind kind)
{
    return kind == PERIOD_MONTH || kind == PERIOD_QUARTER || kind == PERIOD_WEEK;
}

static void format_label(enum period_kind kind, int32_t day, char out[32])
{
    struct calendar_date date = calendar_date(day);
    int year, week;
    switch (kind) {
    case PERIOD_MONTH:
        snprintf(out, 32, "%04d-%02d", date.year, date.month);
        break;
    case PERIOD_QUARTER:
        snprintf(out, 32, "%04d-Q%d", date.year, (date.month + 2) / 3);
        break;
    case PERIOD_WEEK:
        calendar_iso_week(day, &year, &week);
        snprintf(out, 32, "%04d-W%02d", year, week);
        break;
    case PERIOD_WEEKDAY:
        snprintf(out, 32, "%s", weekdays[calendar_weekday(day) - 1]);
        break;
    case PERIOD_YEAR:
        snprintf(out, 32, "%04d", date.year);
        break;
    }
}

struct axis {
    struct domain_node *nodes;
    int32_t *last_day;
    uint32_t *of_day;
    uint32_t count;
};

static uint32_t add_node(struct axis *axis, struct arena *arena, const char *label)
{
    axis->nodes[axis->count] =
        (struct domain_node){ .label = arena_strdup(arena, label), .last = axis->count, .level = 1 };
    return axis->count++;
}

/* Weekdays come back every week; the other periods follow each other. 1900-01-01 was a Monday. */
static void add_days(struct axis *axis, enum period_kind kind, struct arena *arena)
{
    char label[32], previous[32] = "";
    for (int32_t i = 0; i < PERIOD_DAYS; i++) {
        format_label(kind, PERIOD_FIRST_DAY + i, label);
        if (kind == PERIOD_WEEKDAY && i >= 7)
            axis->of_day[i] = axis->of_day[i - 7];
        else if (strcmp(label, previous))
            axis->of_day[i] = add_node(axis, arena, label);
        else
            axis->of_day[i] = axis->count - 1;
        axis->last_day[axis->of_day[i]] = PERIOD_FIRST_DAY + i;
        memcpy(previous, label, sizeof previous);
    }
}

void period_dimension(enum period_kind kind, struct arena *arena, struct dimension *dimension, const uint32_t **of_day,
                      uint32_t *missing)
{
    enum { MOST_NODES = PERIOD_DAYS / 7 + 4 };
    struct axis axis = {
        .nodes = arena_alloc(arena, MOST_NODES * sizeof *axis.nodes),
        .last_day = arena_alloc(arena, MOST_NODES * sizeof *axis.last_day),
        .of_day = arena_alloc(arena, PERIOD_DAYS * sizeof *axis.of_day),
        .count = 1,
    };
    add_days(&axis, kind, arena);
    *missing = add_node(&axis, arena, DOMAIN_MISSING_LABEL);
    axis.last_day[*missing] = INT32_MAX;
    axis.nodes[0] = (struct domain_node){ .label = DOMAIN_TOTAL_LABEL, .last = axis.count - 1 };
    dimension->levels = 1;
    dimension->nodes = axis.nodes;
    dimension->count = axis.count;
    dimension->last_day = axis.last_day;
    *of_day = axis.of_day;
}
