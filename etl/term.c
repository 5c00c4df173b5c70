#include "etl/term.h"

#include <stdio.h>

#include "core/calendar.h"

enum { DEFAULT_MONTHS = 12, DEFAULT_QUARANTINE_DAYS = 30, DEFAULT_BACKUP_DAYS = 30, DEFAULT_ANSWER_DAYS = 30 };

const struct config_rule term_config_rules[] = {
    { .path = "retention", .type = CONFIG_TYPE_MAP, .doc = "How long things are kept." },
    { .path = "retention.months", .type = CONFIG_TYPE_INTEGER, .fallback = "12", .minimum = 1, .maximum = 12,
      .doc = "A case is deleted this many calendar months after it was closed; no more than a year." },
    { .path = "retention.quarantine_days", .type = CONFIG_TYPE_INTEGER, .fallback = "30", .minimum = 1, .maximum = 90,
      .doc = "A rejected row is kept, encrypted, for this many days." },
    { .path = "retention.backups", .type = CONFIG_TYPE_INTEGER, .fallback = "30", .minimum = 1, .maximum = 90,
      .doc = "A backup in `state/backups/` is kept for this many days; others are the operator's to delete." },
    { .path = "retention.answers", .type = CONFIG_TYPE_INTEGER, .fallback = "30", .minimum = 1, .maximum = 90,
      .doc = "An answer in `answers/dpo/`, which may hold everything on a person, is kept for this many days." },
    { 0 },
};

void term_compile(struct term *term, const struct config *config)
{
    const struct config_node *root = config_root(config);
    term->case_months = (int)config_integer(root, "retention.months", DEFAULT_MONTHS);
    term->quarantine_days = (int)config_integer(root, "retention.quarantine_days", DEFAULT_QUARANTINE_DAYS);
    term->backup_days = (int)config_integer(root, "retention.backups", DEFAULT_BACKUP_DAYS);
    term->answer_days = (int)config_integer(root, "retention.answers", DEFAULT_ANSWER_DAYS);
}

int32_t term_due_day(const struct term *term, int32_t closed_day)
{
    struct calendar_date date = calendar_date(closed_day);
    int months = date.month - 1 + term->case_months;
    date.year += months / 12;
    date.month = months % 12 + 1;
    while (!calendar_is_valid(date))
        date.day--;
    return calendar_day(date);
}

/* term_due_day() never falls when the day rises, and a month has at least 28 days. */
int32_t term_oldest_day(const struct term *term, int32_t today)
{
    int32_t day = today - 28 * term->case_months + 1;
    while (term_due_day(term, day - 1) > today)
        day--;
    return day;
}

bool term_is_over(const char *instant, int32_t newest_day)
{
    int year, month, day;
    if (sscanf(instant, "%4d-%2d-%2dT", &year, &month, &day) != 3)
        return false;
    struct calendar_date date = { year, month, day };
    return calendar_is_valid(date) && calendar_day(date) <= newest_day;
}
