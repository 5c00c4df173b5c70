#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level threshold = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    threshold = level;
}

void log_event(enum log_level level, const char *event, const char *pairs, ...)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };
    if (level > threshold)
        return;
    char text[1024];
    va_list args;
    va_start(args, pairs);
    vsnprintf(text, sizeof text, pairs, args);
    va_end(args);
    fprintf(stderr, "level=%s event=%s%s%s\n", names[level], event, text[0] ? " " : "", text);
}
