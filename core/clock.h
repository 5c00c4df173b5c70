/* The one clock of the program. Either the machine's or an injected instant (`--as-of`), so that the same inputs and
 * the same instant give the same bytes. Nothing else may ask the time (`make lint` enforces it). */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct clock {
    bool injected;
    int64_t injected_s; /* seconds since 1970-01-01T00:00:00Z */
};

/* The instant "now" in seconds since 1970-01-01T00:00:00Z. */
int64_t clock_now(const struct clock *clock);

/* Fixes the clock at `as_of`: "2026-01-31T03:00:00Z", "2026-01-31T03:00:00+01:00" or "2026-01-31" (midnight UTC).
 * ERR_USAGE if it is none of these. */
int clock_inject(struct clock *clock, const char *as_of, struct err *err);

/* A monotonic reading in nanoseconds for progress and durations; never for anything that is stored as a date. */
int64_t clock_monotonic_ns(void);

#endif
