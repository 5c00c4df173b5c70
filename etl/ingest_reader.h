/* The reading side of etl/ingest.c: from the file to batches, in a thread of its own. */
#ifndef ETL_INGEST_READER_H
#define ETL_INGEST_READER_H

#include "core/csvread.h"
#include "core/progress.h"
#include "etl/ingest.h"
#include "etl/quarantine.h"

struct ingest_reader {
    const struct ingest *ingest;
    const struct source *source;
    const char *path;
    struct csvread *csv;
    struct mapper *mapper;
    struct quarantine *quarantine;
    struct batch_maker maker;
    struct progress progress;
    uint64_t rows, rejected;
    int32_t from, to;    /* days of closing */
};

/* Takes over `fd`. Leaves an open reader to be closed also on failure. */
int ingest_reader_open(struct ingest_reader *reader, int fd, struct err *err);
void ingest_reader_close(struct ingest_reader *reader); /* a zeroed one is fine; drops an uncommitted quarantine */

/* feed_fill */
int ingest_reader_fill(void *context, struct batch *batch, struct err *err);

/* ERR_DATA if more rows were rejected than the source allows. */
int ingest_reader_check(const struct ingest_reader *reader, bool at_end, struct err *err);

#endif
