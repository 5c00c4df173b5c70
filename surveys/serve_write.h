/* The writer of the page: a thread that takes every job that waits into one transaction. */
#ifndef SURVEYS_SERVE_WRITE_H
#define SURVEYS_SERVE_WRITE_H

#include "core/db.h"
#include "surveys/intake.h"

struct serve_writer;

struct serve_job {
    struct intake_job *job;
    int failed;             /* code of intake_do(), before `done` is called */
    void *context;
    struct serve_job *next; /* the writer's */
};

/* `done` is called on the writer's thread, after the commit. */
int serve_writer_start(struct serve_writer **writer, struct db *intake, void (*done)(struct serve_job *job), struct err *err);
void serve_writer_add(struct serve_writer *writer, struct serve_job *job);
/* Does what waits, then ends the thread. */
void serve_writer_stop(struct serve_writer *writer);

#endif
