/* A file of subject events (CSV, columns as in etl/subject.h) done in the store, in one transaction.
 *
 * Rows that cannot be right go to quarantine, the others are done: objections never wait for somebody else's mistake, be it a byte that
 * is no text or a quote that is never closed. Only a file that tells of no row (its header, its compression) is rejected whole and stays; so
 * does, although its rows are done, one with a row of which the quarantine cannot hold all. Doing a file twice changes nothing; the order of files and rows does not
 * matter. Killed at any instant, the next run comes to the same state. */
#ifndef ETL_SUBJECT_FILE_H
#define ETL_SUBJECT_FILE_H

#include <sys/stat.h>

#include "etl/ingest.h"
#include "etl/quarantine.h"
#include "etl/subject_store.h"

struct subject_counts {
    uint64_t rows, already, refused;
    uint64_t done[SUBJECT_KINDS];
    uint64_t removed, held, blanked; /* cases */
    uint64_t remarked;               /* done, but perhaps not what was meant: see subject_remark() */
};

enum { SUBJECT_PLACES_MAX = 1000 };

struct subject_file_result {
    struct subject_counts counts;
    struct strbuf places;     /* of what was refused, the first SUBJECT_PLACES_MAX: lines "line:column: code; expected: rule" */
    struct strbuf remarks;    /* the same of what is done and was remarked: lines "line:column: remark" */
    struct strbuf quarantine; /* the name of the file that holds what was refused, if anything */
    bool cut;                 /* a row that was refused is over a cap: the quarantine holds a part of it */
    bool unkept;              /* nothing holds it: the key of the quarantine is lost or another */
    int32_t expires_day;      /* of that file */
    struct stat status;       /* of the file that was read */
};

/* What whoever declared it should look at again, although it is done; NULL as a rule. A hold or a release that meets nothing may be of a
 * mistyped number: a hold stays noted and applies as soon as such a case comes in. */
const char *subject_remark(enum subject_kind kind, const struct subject_outcome *outcome);

/* Of a name in inbox/: subjects-*.csv, packed or not. */
bool subject_file_is(const char *name);

/* ERR_DATA: rejected whole; ERR_NOINPUT, ERR_IO …. `result` is zeroed by the caller and released. The file is left where it is. */
int subject_file_apply(const struct ingest *ingest, const char *path, struct subject_file_result *result, struct err *err);
/* Removes it, if it is still the one that was read and nothing of it is to be found nowhere else. */
int subject_file_remove(const char *path, const struct subject_file_result *result, struct err *err);
void subject_file_result_release(struct subject_file_result *result);

/* One event from elsewhere (a request), in a transaction of its own. */
int subject_event_apply(const struct ingest *ingest, const struct subject_event *event, struct subject_outcome *outcome, struct err *err);

#endif
