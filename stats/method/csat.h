/* Share of the best answers on a scale ("top-2-box" of a satisfaction question), with the Wilson interval. */
#ifndef STATS_METHOD_CSAT_H
#define STATS_METHOD_CSAT_H

#include <stddef.h>
#include <stdint.h>

#include "core/wilson.h"

/* The share of answers in the highest `boxes` of the `points` scale points; `counts[i]` answers chose point i,
 * lowest first, none negative (BUG). */
struct wilson csat_top_box(const int64_t *counts, size_t points, size_t boxes, double level);

#endif
