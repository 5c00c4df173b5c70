/* The record of a run: state/runs/<instant>-<n>.json, rewritten whole and atomically as each step begins and ends, so
 * that a killed run leaves what it had done. Counts, instants, versions and error messages (which hold no content of
 * cells); never an identifier. Durations are recorded with the machine's clock only, so that an injected clock gives
 * the same bytes. A record that cannot be written fails the run: no act without its evidence (P8). */
#ifndef CORE_RUNLOG_H
#define CORE_RUNLOG_H

#include <stdint.h>

#include "core/clock.h"
#include "core/err.h"

struct runlog;

/* Begins the record of `command` in `folder` (which exists). ERR_CANTCREAT, ERR_IO. */
int runlog_begin(struct runlog **log, const char *folder, const char *command, const struct clock *clock,
                 struct err *err);

/* A step begins; a step ends with the code and the message of `outcome` (NULL or code 0: done). */
int runlog_step(struct runlog *log, const char *name, struct err *err);
int runlog_step_end(struct runlog *log, const struct err *outcome, struct err *err);

/* Adds to the running step (kept in memory until the step ends). Adding a count again adds up. */
void runlog_count(struct runlog *log, const char *name, int64_t count);
void runlog_note(struct runlog *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The counts of the running step as a JSON object, to be freed; NULL if nothing was counted. */
char *runlog_step_counts(const struct runlog *log);

/* Ends the record with the exit status of the run, and frees it; with `log` NULL does nothing. */
int runlog_end(struct runlog *log, int exit_status, struct err *err);

/* The newest record in `folder` as JSON text to be freed, or NULL if there is none. */
char *runlog_newest(const char *folder);

#endif
