/* The log: one line of key=value pairs per event on stderr. Counts and ids of runs, never values of cases. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* The least important level that is still written; LOG_LEVEL_INFO until set. */
void log_set_level(enum log_level level);

/* Writes "level=… event=EVENT " and the formatted key=value pairs. `pairs` may be "". */
void log_event(enum log_level level, const char *event, const char *pairs, ...) __attribute__((format(printf, 3, 4)));

#endif
