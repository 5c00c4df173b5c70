#include "etl/sort.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

struct sort_key sort_key_of(const unsigned char key[16], uint32_t at)
{
    struct sort_key made = { .at = at };
    memcpy(&made.high, key, 8);
    memcpy(&made.low, key + 8, 8);
    made.high = be64toh(made.high);
    made.low = be64toh(made.low);
    return made;
}

struct sort_key sort_key_of_id(int64_t id, uint32_t at)
{
    return (struct sort_key){ .high = (uint64_t)id ^ (UINT64_C(1) << 63), .at = at };
}

bool sort_keys_equal(const struct sort_key *a, const struct sort_key *b)
{
    return a->high == b->high && a->low == b->low;
}

static size_t digit_of(const struct sort_key *key, unsigned shift)
{
    return (size_t)(key->high >> shift) & (DIGITS - 1);
}

/* One pass; false if all keys have the same digit, so that nothing is to be moved. */
static bool sort_by_digit(const struct sort_key *from, struct sort_key *to, size_t count, unsigned shift)
{
    size_t starts[DIGITS] = { 0 }, sum = 0;
    for (size_t i = 0; i < count; i++)
        starts[digit_of(&from[i], shift)]++;
    if (starts[digit_of(&from[0], shift)] == count)
        return false;
    for (size_t d = 0; d < DIGITS; d++) {
        size_t here = starts[d];
        starts[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[digit_of(&from[i], shift)]++] = from[i];
    return true;
}

static void sort_low_halves(struct sort_key *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct sort_key key = keys[i];
        size_t j = i;
        for (; j > 0 && keys[j - 1].high == key.high && keys[j - 1].low > key.low; j--)
            keys[j] = keys[j - 1];
        keys[j] = key;
    }
}

void sort_keys(struct sort_key *keys, size_t count)
{
    if (count < 2)
        return;
    struct sort_key *spare = mem_zalloc(count, sizeof *spare), *from = keys, *to = spare;
    for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
        if (!sort_by_digit(from, to, count, shift))
            continue;
        struct sort_key *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != keys)
        memcpy(keys, from, count * sizeof *keys);
    free(spare);
    sort_low_halves(keys, count);
}
