#include "stats/outsider/names.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* FNV-1a, 64 bits. */
static uint64_t hash(const char *text)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 0x100000001b3u;
    return value;
}

/* The slot of the text, or the free one where it belongs. */
static size_t slot_of(const struct names *names, const char *text)
{
    size_t slot = hash(text) & (names->slot_count - 1);
    while (names->slots[slot] != NAMES_NONE && strcmp(names->text[names->slots[slot]], text) != 0)
        slot = (slot + 1) & (names->slot_count - 1);
    return slot;
}

static void grow(struct names *names)
{
    names->slot_count = names->slot_count ? names->slot_count * 2 : 32;
    names->slots = mem_resize(names->slots, names->slot_count, sizeof *names->slots);
    for (size_t i = 0; i < names->slot_count; i++)
        names->slots[i] = NAMES_NONE;
    for (size_t i = 0; i < names->count; i++)
        names->slots[slot_of(names, names->text[i])] = (int64_t)i;
}

int64_t names_find(const struct names *names, const char *text)
{
    return names->count ? names->slots[slot_of(names, text)] : NAMES_NONE;
}

size_t names_add(struct names *names, const char *text)
{
    int64_t old = names_find(names, text);
    if (old != NAMES_NONE)
        return (size_t)old;
    if (names->count * 2 >= names->slot_count)
        grow(names);
    MEM_GROW(names->text, names->count, names->capacity);
    names->slots[slot_of(names, text)] = (int64_t)names->count;
    names->text[names->count] = mem_strdup(text);
    return names->count++;
}

void names_release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->text[i]);
    free(names->text);
    free(names->slots);
    *names = (struct names){ 0 };
}
