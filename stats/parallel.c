#include "stats/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

struct pool {
    parallel_job job;
    void *context;
    size_t jobs;
    atomic_size_t next;
    atomic_bool stopped;
};

struct worker {
    struct pool *pool;
    pthread_t handle;
    size_t thread;
    int result;
    size_t failed_job;
    struct err err;
};

size_t parallel_threads(size_t wanted)
{
    long online = wanted ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);
    if (online < 1)
        return 1;
    return online > PARALLEL_MAX_THREADS ? PARALLEL_MAX_THREADS : (size_t)online;
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct pool *pool = worker->pool;
    while (!atomic_load(&pool->stopped)) {
        size_t i = atomic_fetch_add(&pool->next, 1);
        if (i >= pool->jobs)
            break;
        worker->result = pool->job(pool->context, worker->thread, i, &worker->err);
        if (worker->result) {
            worker->failed_job = i;
            atomic_store(&pool->stopped, true);
        }
    }
    return NULL;
}

static const struct worker *first_failure(const struct worker *workers, size_t count)
{
    const struct worker *first = NULL;
    for (size_t t = 0; t < count; t++)
        if (workers[t].result && (!first || workers[t].failed_job < first->failed_job))
            first = &workers[t];
    return first;
}

int parallel_run(size_t threads, size_t jobs, parallel_job job, void *context, struct err *err)
{
    struct pool pool = { .job = job, .context = context, .jobs = jobs };
    struct worker workers[PARALLEL_MAX_THREADS] = { 0 };
    size_t started = 0;
    threads = parallel_threads(threads);
    for (size_t t = 0; t < threads; t++)
        workers[t] = (struct worker){ .pool = &pool, .thread = t };
    while (started + 1 < threads && started + 1 < jobs &&
           !pthread_create(&workers[started + 1].handle, NULL, work, &workers[started + 1]))
        started++;
    work(&workers[0]);
    for (size_t t = 1; t <= started; t++)
        pthread_join(workers[t].handle, NULL);
    const struct worker *failed = first_failure(workers, threads);
    if (failed && err)
        *err = failed->err;
    return failed ? failed->result : 0;
}
