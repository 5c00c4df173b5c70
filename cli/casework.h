/* The store of cases opened for a command that writes to it: workspace entered, keys read, tables in line with the
 * configuration. */
#ifndef CLI_CASEWORK_H
#define CLI_CASEWORK_H

#include "cli/session.h"
#include "core/runlog.h"
#include "etl/ingest.h"

struct casework {
    struct session session;
    struct keyring *keyring;
    struct store store;
    struct case_tables tables;
    struct ingest ingest;       /* ready for ingest_file() */
    char *quarantine_folder, *inputs_folder;
    struct runlog *runlog;
    int64_t now;
};

/* Opens all of it for `act`. The record of the run is begun under the command's name. */
int casework_open(struct casework *casework, const struct invocation *invocation, enum workspace_act act,
                  struct err *err);

/* Ends the record with what became of the run (`code` and `err`), empties the write-ahead log and closes. Returns
 * `code`, or the error of closing. A zeroed casework is fine. */
int casework_close(struct casework *casework, int code, struct err *err);

/* What ingest_file() found, for the runlog and for people (on stdout; a line of JSON with --json). */
void casework_report_file(struct casework *casework, const struct invocation *invocation, const char *path,
                          const struct ingest_result *result);

#endif
