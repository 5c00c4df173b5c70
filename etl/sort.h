/* Sorting by 16-byte keys, which is the order of SQLite's blobs, or by ids: a batch that asks and writes in the order of a
 * table touches each of its pages once. */
#ifndef ETL_SORT_H
#define ETL_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sort_key {
    uint64_t high, low;
    uint32_t at; /* what it belongs to */
};

struct sort_key sort_key_of(const unsigned char key[16], uint32_t at); /* big-endian, as memcmp() orders */
struct sort_key sort_key_of_id(int64_t id, uint32_t at);
bool sort_keys_equal(const struct sort_key *a, const struct sort_key *b);

/* Ascending; equal keys stay in their order. Method: radix sort from the lowest digit of the high half up (Knuth,
 * TAOCP 5.2.5), then by insertion among equal high halves. */
void sort_keys(struct sort_key *keys, size_t count);

#endif
