/* The same job for i = 0 .. jobs-1 on several threads, each taking the next i when it is free. Nothing may
 * depend on which thread takes which. */
#ifndef STATS_PARALLEL_H
#define STATS_PARALLEL_H

#include <stddef.h>

#include "core/err.h"

enum { PARALLEL_MAX_THREADS = 8 };

/* `wanted`, or for 0 the processors online; 1 .. PARALLEL_MAX_THREADS. */
size_t parallel_threads(size_t wanted);

/* `thread` < threads tells the threads apart. The first job to fail stops the others from starting; of
 * several the error of the least i is given. */
typedef int (*parallel_job)(void *context, size_t thread, size_t i, struct err *err);
int parallel_run(size_t threads, size_t jobs, parallel_job job, void *context, struct err *err);

#endif
