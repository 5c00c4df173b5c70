/* Sorting of 16-byte keys, which is the order of SQLite's blobs: a batch that asks and writes in the order of a table
 * touches each of its pages once. */
#ifndef ETL_SORT_H
#define ETL_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sort_key {
    uint64_t high, low; /* the key, big-endian */
    uint32_t at;        /* what it belongs to */
};

struct sort_key sort_key_of(const unsigned char key[16], uint32_t at);
bool sort_keys_equal(const struct sort_key *a, const struct sort_key *b);

/* Ascending by key, equal keys by `at`. */
void sort_keys(struct sort_key *keys, size_t count);

#endif
