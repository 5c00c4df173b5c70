/* Periods as spans of days: the month, quarter, ISO week or year around a day, and back from a period's label. */
#ifndef STATS_PERIOD_SPAN_H
#define STATS_PERIOD_SPAN_H

#include <stdbool.h>

#include "stats/period.h"
#include "stats/schedule.h"

/* The period of that kind that holds the day. Not for weekdays, which have no span. */
struct schedule_span period_span(enum period_kind kind, int32_t day);

/* The period with that label ("2026-01", "2026-Q1", "2026-W05", "2026"); false for any other text. */
bool period_span_parse(enum period_kind kind, const char *label, struct schedule_span *span);

const char *period_kind_name(enum period_kind kind);

#endif
