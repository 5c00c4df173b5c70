#include "stats/cellmap.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { SMALL = 8, FIRST_SLOTS = 32, KEPT_SLOTS = 256 };

void cellmap_init(struct cellmap *map, size_t measures)
{
    *map = (struct cellmap){ .measures = measures, .stride = cell_bytes(measures) };
}

void cellmap_release(struct cellmap *map)
{
    free(map->cells);
    free(map->slots);
    cellmap_init(map, map->measures);
}

void cellmap_clear(struct cellmap *map)
{
    map->count = 0;
    if (map->slots && map->mask < KEPT_SLOTS) {
        memset(map->slots, 0, (map->mask + 1) * sizeof *map->slots);
        return;
    }
    free(map->slots);
    map->slots = NULL;
    map->mask = 0;
}

/* Finaliser of splitmix64 (Steele, Lea, Flood 2014) over both halves. */
static uint64_t hash(cell_key key)
{
    uint64_t x = (uint64_t)key ^ ((uint64_t)(key >> 64) * UINT64_C(0x9e3779b97f4a7c15));
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint32_t find_small(const struct cellmap *map, cell_key key)
{
    for (size_t i = 0; i < map->count; i++)
        if (cellmap_at(map, i)->key == key)
            return (uint32_t)i;
    return CELLMAP_NONE;
}

/* Of a full slot: 32 bits of the hash that the place in the table does not depend on, so that a cell is looked at
 * only where it is very likely the one. */
static uint64_t tag_of(uint64_t hashed)
{
    return hashed & ~UINT64_C(0xffffffff);
}

static uint32_t index_of(uint64_t slot)
{
    return (uint32_t)slot - 1;
}

/* The slot that holds the key, or the empty one where it belongs. */
static size_t find_slot(const struct cellmap *map, cell_key key, uint64_t hashed)
{
    size_t at = hashed & map->mask;
    for (; map->slots[at]; at = (at + 1) & map->mask)
        if (tag_of(map->slots[at]) == tag_of(hashed) && cellmap_at(map, index_of(map->slots[at]))->key == key)
            break;
    return at;
}

uint32_t cellmap_find(const struct cellmap *map, cell_key key)
{
    if (!map->slots)
        return find_small(map, key);
    uint64_t slot = map->slots[find_slot(map, key, hash(key))];
    return slot ? index_of(slot) : CELLMAP_NONE;
}

static void rehash(struct cellmap *map, size_t slots)
{
    free(map->slots);
    map->slots = mem_zalloc(slots, sizeof *map->slots);
    map->mask = slots - 1;
    for (size_t i = 0; i < map->count; i++) {
        uint64_t hashed = hash(cellmap_at(map, i)->key);
        size_t at = hashed & map->mask;
        while (map->slots[at])
            at = (at + 1) & map->mask;
        map->slots[at] = tag_of(hashed) | (i + 1);
    }
}

static uint32_t append(struct cellmap *map, cell_key key)
{
    if (map->count == CELLMAP_NONE - 1)
        mem_fail();
    if (map->count == map->capacity) {
        map->capacity = map->capacity ? map->capacity * 2 : SMALL;
        map->cells = mem_resize(map->cells, map->capacity, map->stride);
    }
    struct cell *cell = cellmap_at(map, map->count);
    memset(cell, 0, map->stride);
    cell->key = key;
    return (uint32_t)map->count++;
}

static uint32_t get_small(struct cellmap *map, cell_key key)
{
    uint32_t found = find_small(map, key);
    if (found != CELLMAP_NONE)
        return found;
    uint32_t index = append(map, key);
    if (map->count > SMALL)
        rehash(map, FIRST_SLOTS);
    return index;
}

uint32_t cellmap_get(struct cellmap *map, cell_key key)
{
    if (!map->slots)
        return get_small(map, key);
    uint64_t hashed = hash(key);
    size_t at = find_slot(map, key, hashed);
    if (map->slots[at])
        return index_of(map->slots[at]);
    uint32_t index = append(map, key);
    map->slots[at] = tag_of(hashed) | (index + 1);
    if (map->count * 2 > map->mask)
        rehash(map, (map->mask + 1) * 2);
    return index;
}

static int compare_keys(const void *a, const void *b)
{
    const struct cell *left = a, *right = b;
    return (left->key > right->key) - (left->key < right->key);
}

void cellmap_sort(struct cellmap *map)
{
    if (map->count)
        qsort(map->cells, map->count, map->stride, compare_keys);
    if (map->slots)
        rehash(map, map->mask + 1);
}

void cellmap_prefetch_slot(const struct cellmap *map, cell_key key)
{
    if (map->slots)
        __builtin_prefetch(&map->slots[hash(key) & map->mask]);
}

void cellmap_prefetch_cell(const struct cellmap *map, cell_key key)
{
    enum { LINE_BYTES = 64 };
    uint64_t slot = map->slots ? map->slots[hash(key) & map->mask] : 0;
    for (size_t at = 0; slot && at < map->stride; at += LINE_BYTES)
        __builtin_prefetch((const unsigned char *)cellmap_at(map, index_of(slot)) + at, 1);
}
