#include "core/clock.h"

#include <string.h>
#include <time.h>

#include "core/calendar.h"

int64_t clock_now(const struct clock *clock)
{
    return clock->injected ? clock->injected_s : (int64_t)time(NULL);
}

int64_t clock_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int clock_inject(struct clock *clock, const char *as_of, struct err *err)
{
    struct zone *utc = NULL;
    struct date_format *iso = NULL;
    struct date_read read;
    int code = zone_open(&utc, "UTC", err);
    if (!code)
        code = date_format_compile(&iso, "iso", err);
    if (!code && !date_read(&iso, 1, utc, as_of, strlen(as_of), &read))
        code = err_set(err, ERR_USAGE, "'--as-of' is not an instant like 2026-01-31 or 2026-01-31T03:00:00Z");
    if (!code) {
        clock->injected = true;
        clock->injected_s = read.instant;
    }
    date_format_free(iso);
    zone_free(utc);
    return code;
}
