/* Quiet hours and days: when nothing may be sent, in the recipient's own time zone. */
#ifndef SURVEYS_QUIET_H
#define SURVEYS_QUIET_H

#include <stdint.h>

#include "core/calendar.h"
#include "surveys/definition.h"

/* The first instant from `now` on at which the survey may send to somebody in `zone`: `now` itself if it is not quiet;
 * INT64_MAX if every day is quiet. Hours that span midnight (20:00 to 08:00) are quiet on both sides of it. */
int64_t quiet_until(const struct survey *survey, const struct zone *zone, int64_t now);

#endif
