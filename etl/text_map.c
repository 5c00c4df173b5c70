#include "etl/text_map.h"

#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"

/* Multiply and fold eight bytes at a time; good enough for tables, not against an adversary who counts probes: the
 * tables are small or bounded. */
uint64_t text_map_hash(struct slice key)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t hash = key.length * factor;
    size_t i = 0;
    for (; i + 8 <= key.length; i += 8) {
        uint64_t eight;
        memcpy(&eight, key.text + i, 8);
        hash = (hash ^ eight) * factor;
        hash ^= hash >> 29;
    }
    uint64_t tail = 0;
    memcpy(&tail, key.text + i, key.length - i);
    hash = (hash ^ tail) * factor;
    return hash ^ hash >> 32;
}

const void *text_map_find(const struct text_map *map, struct slice key, uint64_t hash)
{
    if (!map->capacity)
        return NULL;
    for (size_t i = hash & (map->capacity - 1); map->slots[i].key.text; i = (i + 1) & (map->capacity - 1)) {
        const struct text_map_slot *slot = &map->slots[i];
        if (slot->hash == hash && slot->key.length == key.length && memcmp(slot->key.text, key.text, key.length) == 0)
            return slot->value;
    }
    return NULL;
}

const void *text_map_get(const struct text_map *map, struct slice key)
{
    return text_map_find(map, key, text_map_hash(key));
}

static void insert(struct text_map *map, const struct text_map_slot *slot)
{
    size_t i = slot->hash & (map->capacity - 1);
    while (map->slots[i].key.text)
        i = (i + 1) & (map->capacity - 1);
    map->slots[i] = *slot;
}

static void grow(struct text_map *map)
{
    struct text_map old = *map;
    map->capacity = old.capacity ? old.capacity * 2 : 64;
    map->slots = mem_zalloc(map->capacity, sizeof *map->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key.text)
            insert(map, &old.slots[i]);
    free(old.slots);
}

void text_map_add(struct text_map *map, struct slice key, uint64_t hash, const void *value)
{
    BUG_ON(!key.text || !value);
    if (map->count * 2 >= map->capacity)
        grow(map);
    insert(map, &(struct text_map_slot){ key, hash, value });
    map->count++;
}

void text_map_release(struct text_map *map)
{
    free(map->slots);
    *map = (struct text_map){ 0 };
}
