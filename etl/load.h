/* From batches to the store. The newest version of a case wins, by updated_at or, where the source has none, by the
 * sequence of files; of equal versions the one read last. A case that is open again leaves; so does one whose newest
 * version is past its term, unless a hold covers it. All within the transaction of one file, which the caller begins and ends.
 *
 * A batch is looked up and written in the order of each table: case keys by key, rows by id. Applying the rows of a
 * file a second time gives the same content. */
#ifndef ETL_LOAD_H
#define ETL_LOAD_H

#include "etl/identity.h"
#include "etl/rights.h"

struct load_options {
    int64_t file;          /* input_file.file */
    int32_t tombstone_day; /* local day from which tombstones made now expire */
    bool snapshot;         /* notes which cases the file still holds */
    struct rights *rights; /* keeps objectors out; the caller's */
    struct label_use *labels; /* learns what codes the cases gain and lose; the caller's */
};

struct load_counts {
    uint64_t stored;       /* new cases */
    uint64_t updated;      /* cases with a newer version */
    uint64_t stale;        /* rows that were no newer than what is there, or were outdone in the same batch */
    uint64_t left;         /* cases that were open again or past their term */
    uint64_t held;         /* cases that would have left, but for a hold: they stay as they are, marked */
    uint64_t past_term;    /* rows closed too long ago: counted, not stored */
    uint64_t barred;       /* rows of persons who objected or had them erased */
    uint64_t unidentified; /* stored cases of nobody known */
};

struct load;

int load_open(struct load **load, const struct store *store, const struct case_tables *tables,
              const struct case_table *table, struct store_counters *counters, struct err *err);
void load_free(struct load *load);

void load_set_options(struct load *load, const struct load_options *options);

/* Stores a batch, which stays the caller's; it loses what is bound to a consent that was withdrawn. */
int load_batch(struct load *load, struct batch *batch, struct err *err);

/* Of the batch just stored: was the row's case not stored because of a claim, or did its person ever object? Then what it says of
 * opt-ins is passed over. */
bool load_has_no_say(const struct load *load, size_t row);

/* By what the row's person is recognised, if it is a claimant: adds to `hashes`. */
int load_known_by(const struct load *load, size_t row, struct person_hashes *hashes, struct err *err);

const struct load_counts *load_counts(const struct load *load);
struct identity *load_identity(struct load *load);

#endif
