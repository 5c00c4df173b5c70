#include "surveys/serve_write.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/log.h"
#include "core/mem.h"

enum { BATCH_MAX = 256 };

struct serve_writer {
    struct db *intake;
    void (*done)(struct serve_job *job);
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct serve_job *first, **last;
    bool stopping;
};

/* What waits, at most BATCH_MAX; none only when the writer stops. */
static size_t take(struct serve_writer *writer, struct serve_job **jobs)
{
    size_t count = 0;
    pthread_mutex_lock(&writer->mutex);
    while (!writer->first && !writer->stopping)
        pthread_cond_wait(&writer->wake, &writer->mutex);
    for (; writer->first && count < BATCH_MAX; count++) {
        jobs[count] = writer->first;
        writer->first = writer->first->next;
    }
    if (!writer->first)
        writer->last = &writer->first;
    pthread_mutex_unlock(&writer->mutex);
    return count;
}

static void *run(void *context)
{
    struct serve_writer *writer = context;
    struct serve_job *jobs[BATCH_MAX];
    struct intake_job *deeds[BATCH_MAX];
    size_t count;
    while ((count = take(writer, jobs))) {
        struct err err;
        for (size_t i = 0; i < count; i++)
            deeds[i] = jobs[i]->job;
        int failed = intake_do(writer->intake, deeds, count, &err);
        if (failed)
            log_event(LOG_LEVEL_ERROR, "not-stored", "answers=%zu status=%d", count, err_exit_status(failed));
        for (size_t i = 0; i < count; i++) {
            jobs[i]->failed = failed;
            writer->done(jobs[i]);
        }
    }
    return NULL;
}

int serve_writer_start(struct serve_writer **writer, struct db *intake, void (*done)(struct serve_job *job), struct err *err)
{
    struct serve_writer *made = mem_zalloc(1, sizeof *made);
    made->intake = intake;
    made->done = done;
    made->last = &made->first;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->wake, NULL);
    if (pthread_create(&made->thread, NULL, run, made)) {
        free(made);
        return err_set(err, ERR_AGAIN, "cannot start a thread");
    }
    *writer = made;
    return 0;
}

void serve_writer_add(struct serve_writer *writer, struct serve_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&writer->mutex);
    *writer->last = job;
    writer->last = &job->next;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
}

void serve_writer_stop(struct serve_writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    writer->stopping = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
}
