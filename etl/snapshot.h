/* Snapshots: a file that holds all cases closed between its first and its last day of closing. What the store has of
 * those days and the file does not hold any more is gone. */
#ifndef ETL_SNAPSHOT_H
#define ETL_SNAPSHOT_H

#include "etl/label_use.h"
#include "etl/rights.h"

struct snapshot {
    int64_t file;            /* cases that it holds have this in case_<source>.file */
    int32_t from, to;        /* days of closing */
    uint64_t added;          /* cases that were not in the store before */
    int32_t tombstone_day;   /* local day from which tombstones made now expire */
    struct label_use *labels;
    struct rights *rights;   /* knows the holds */
};

/* Removes the vanished cases but those that a hold covers, which stay, marked (*held); all within the file's transaction. ERR_DATA if they are a larger share of the cases that were
 * there than the source's max_loss_percent: then the snapshot itself is in doubt. */
int snapshot_remove_vanished(const struct store *store, const struct case_table *table,
                             const struct snapshot *snapshot, uint64_t *vanished, uint64_t *held, struct err *err);

#endif
