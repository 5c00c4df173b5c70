/* A reader that runs ahead of the store: one thread fills batches, the caller empties them. Three batches go round, so
 * that memory does not grow when one side is slower. */
#ifndef ETL_FEED_H
#define ETL_FEED_H

#include "etl/batch.h"

struct feed;

/* Fills an empty batch. 1: there may be more; 0: these were the last rows (there may be none); negative: error. Runs in the
 * reader's thread. */
typedef int feed_fill(void *context, struct batch *batch, struct err *err);

/* Starts the thread. `context` belongs to it until feed_stop(). */
int feed_start(struct feed **feed, const struct case_table *table, feed_fill *fill, void *context, struct err *err);

/* 1: a batch, to be given back with feed_return(); 0: the end; negative: the reader's error. */
int feed_next(struct feed *feed, struct batch **batch, struct err *err);
void feed_return(struct feed *feed, struct batch *batch);

/* Ends the thread, whether it is done or not, and frees all; NULL is fine. */
void feed_stop(struct feed *feed);

#endif
