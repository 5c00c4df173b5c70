#include "etl/feed.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/mem.h"

enum { BATCHES = 3 };

/* Batches go round in order: the reader fills number `filled`, the caller takes number `taken` and gives back number
 * `returned`; returned <= taken <= filled <= returned + BATCHES. */
struct feed {
    struct batch batches[BATCHES];
    size_t filled, taken, returned;
    bool done, stopped;
    int code;         /* the reader's error */
    struct err err;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    feed_fill *fill;
    void *context;
};

/* The next batch to fill, NULL if the caller wants no more. */
static struct batch *wait_for_room(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    while (!feed->stopped && feed->filled - feed->returned == BATCHES)
        pthread_cond_wait(&feed->changed, &feed->lock);
    struct batch *batch = feed->stopped ? NULL : &feed->batches[feed->filled % BATCHES];
    pthread_mutex_unlock(&feed->lock);
    return batch;
}

static void hand_over(struct feed *feed, int result, const struct err *err)
{
    pthread_mutex_lock(&feed->lock);
    feed->filled += result >= 0;
    feed->done = result <= 0;
    if (result < 0) {
        feed->code = result;
        feed->err = *err;
    }
    pthread_cond_broadcast(&feed->changed);
    pthread_mutex_unlock(&feed->lock);
}

static void *read_ahead(void *context)
{
    struct feed *feed = context;
    struct batch *batch;
    int result = 1;
    while (result > 0 && (batch = wait_for_room(feed))) {
        struct err err = { 0 };
        result = feed->fill(feed->context, batch, &err);
        hand_over(feed, result, &err);
    }
    return NULL;
}

int feed_start(struct feed **feed, const struct case_table *table, feed_fill *fill, void *context, struct err *err)
{
    struct feed *started = mem_zalloc(1, sizeof *started);
    started->fill = fill;
    started->context = context;
    for (int i = 0; i < BATCHES; i++)
        batch_init(&started->batches[i], table);
    pthread_mutex_init(&started->lock, NULL);
    pthread_cond_init(&started->changed, NULL);
    if (pthread_create(&started->thread, NULL, read_ahead, started)) {
        for (int i = 0; i < BATCHES; i++)
            batch_release(&started->batches[i]);
        free(started);
        return err_set(err, ERR_AGAIN, "cannot start a thread");
    }
    *feed = started;
    return 0;
}

int feed_next(struct feed *feed, struct batch **batch, struct err *err)
{
    int result = 1;
    pthread_mutex_lock(&feed->lock);
    while (feed->taken == feed->filled && !feed->done)
        pthread_cond_wait(&feed->changed, &feed->lock);
    if (feed->taken < feed->filled) {
        *batch = &feed->batches[feed->taken++ % BATCHES];
    } else {
        result = feed->code;
        if (result && err)
            *err = feed->err;
    }
    pthread_mutex_unlock(&feed->lock);
    return result;
}

void feed_return(struct feed *feed, struct batch *batch)
{
    batch_clear(batch);
    pthread_mutex_lock(&feed->lock);
    feed->returned++;
    pthread_cond_broadcast(&feed->changed);
    pthread_mutex_unlock(&feed->lock);
}

void feed_stop(struct feed *feed)
{
    if (!feed)
        return;
    pthread_mutex_lock(&feed->lock);
    feed->stopped = true;
    pthread_cond_broadcast(&feed->changed);
    pthread_mutex_unlock(&feed->lock);
    pthread_join(feed->thread, NULL);
    for (int i = 0; i < BATCHES; i++)
        batch_release(&feed->batches[i]);
    pthread_mutex_destroy(&feed->lock);
    pthread_cond_destroy(&feed->changed);
    free(feed);
}
