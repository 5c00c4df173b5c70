/* The split of a plan's audience by the survey's segments. */
#ifndef SURVEYS_PLAN_SEGMENTS_H
#define SURVEYS_PLAN_SEGMENTS_H

#include "core/strbuf.h"
#include "surveys/audience.h"
#include "surveys/figure.h"

/* A line for each segment in the order of its labels, if each has at least 5k people; else a line that says that they are not shown.
 * Segments of fewer than k people are counted with the largest one, so that nothing tells that there are any. */
int plan_segments_describe(const struct figures *figures, const struct survey *survey, const struct audience *audience, struct strbuf *out,
                           struct err *err);

#endif
