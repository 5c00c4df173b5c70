/* A hash table from texts to pointers: open addressing, linear probing, grows by doubling. Keys and values are the
 * caller's and must live as long as the table. */
#ifndef ETL_TEXT_MAP_H
#define ETL_TEXT_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

struct text_map_slot {
    struct slice key; /* text NULL: free */
    uint64_t hash;
    const void *value;
};

struct text_map {
    struct text_map_slot *slots;
    size_t capacity, count; /* capacity: a power of two, or 0 */
};

uint64_t text_map_hash(struct slice key);
/* The value, or NULL; `hash` is text_map_hash(key). */
const void *text_map_find(const struct text_map *map, struct slice key, uint64_t hash);
const void *text_map_get(const struct text_map *map, struct slice key);
/* The key must not be in it yet. */
void text_map_add(struct text_map *map, struct slice key, uint64_t hash, const void *value);
void text_map_release(struct text_map *map);

#endif
