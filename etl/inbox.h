/* The inbox: which files are there to be read, by which source, in which order. A file is complete when `NAME.ok` lies
 * beside it or, where the source says so, when it is old enough. */
#ifndef ETL_INBOX_H
#define ETL_INBOX_H

#include "etl/ingest.h"

struct inbox_file {
    char *name;                  /* without folder */
    const struct source *source; /* the first whose `files` fits; NULL: no source reads it */
    int64_t age_s;               /* since it was last written */
    bool ready;
    bool is_regular;             /* else it is refused: a link, a folder, a pipe */
};

struct inbox {
    struct inbox_file *list;     /* by source in the order of the configuration, then by name; first those that no source reads */
    size_t count, capacity;
};

/* Hidden files, markers and files of subjects are passed over. */
int inbox_list(struct inbox *inbox, const char *folder, const struct sources *sources, int64_t now, struct err *err);
void inbox_release(struct inbox *inbox);

/* The source that reads a file of that name, or NULL. */
const struct source *inbox_source(const struct sources *sources, const char *name);

/* Removes the marker of a file that was read and is gone, if there is one. */
void inbox_remove_marker(const char *path);

/* After each file: what became of it. */
typedef void inbox_report(void *context, const char *path, const struct ingest_result *result, const struct err *err);

struct inbox_totals {
    uint64_t files, already, rejected, waiting, unknown;
    int64_t oldest_s; /* of those that no source reads */
};

/* Reads all files that are ready. A file that is rejected stays and does not keep the others from being read: ERR_DATA at the
 * end. What is no fault of a file (a full disk) ends it at once. */
int ingest_inbox(const struct ingest *ingest, const char *folder, inbox_report *report, void *context,
                 struct inbox_totals *totals, struct err *err);

#endif
