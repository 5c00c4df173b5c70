/* The store of cases opened for a command that writes to it: workspace entered, keys read, tables in line with the
 * configuration. */
#ifndef CLI_CASEWORK_H
#define CLI_CASEWORK_H

#include "cli/act.h"
#include "cli/session.h"
#include "cli/survey_desk.h"
#include "core/runlog.h"
#include "etl/ingest.h"

struct casework {
    struct session session;
    struct keyring *keyring;
    struct store store;
    struct case_tables tables;
    struct ingest ingest;       /* ready for ingest_file() */
    char *quarantine_folder, *inputs_folder;
    struct survey_desk desk;    /* takes contacts while cases are read */
    struct runlog *runlog;
    struct act step;            /* that is running */
    const struct clock *clock;  /* the invocation's */
    int64_t now;
};

/* Opens all of it for `act`. The record of the run is begun under the command's name. */
int casework_open(struct casework *casework, const struct invocation *invocation, enum workspace_act act,
                  struct err *err);

/* Ends the record with what became of the run (`code` and `err`), empties the write-ahead log and closes. Returns
 * `code`, or the error of closing. A zeroed casework is fine. */
int casework_close(struct casework *casework, int code, struct err *err);

/* A step that changes something: under the record of the run and under evidence (core/evidence.h), with the counts that it
 * adds to the record. casework_step_end() takes the outcome (code 0: done) and fails if it cannot be written down. */
int casework_step(struct casework *casework, const char *name, struct err *err);
int casework_step_end(struct casework *casework, const struct err *outcome, struct err *err);

/* What ingest_file() found, for the runlog and for people (on stdout; a line of JSON with --json). */
void casework_report_file(struct casework *casework, const struct invocation *invocation, const char *path,
                          const struct ingest_result *result);

#endif
