#include "etl/sort.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

struct sort_key sort_key_of(const unsigned char key[16], uint32_t at)
{
    struct sort_key made = { .at = at };
    memcpy(&made.high, key, 8);
    memcpy(&made.low, key + 8, 8);
    made.high = be64toh(made.high);
    made.low = be64toh(made.low);
    return made;
}

bool sort_keys_equal(const struct sort_key *a, const struct sort_key *b)
{
    return a->high == b->high && a->low == b->low;
}

static int compare(const void *left, const void *right)
{
    const struct sort_key *a = left, *b = right;
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

void sort_keys(struct sort_key *keys, size_t count)
{
    qsort(keys, count, sizeof *keys, compare);
}
