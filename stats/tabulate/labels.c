#include "stats/tabulate/labels.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* FNV-1a, 64 bits. */
static uint64_t hash(const char *text)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 0x100000001b3u;
    return value ^ (value >> 32);
}

/* The slot of the text, or the free one where it belongs. */
static size_t slot_of(const struct labels *labels, const char *text)
{
    size_t slot = hash(text) & (labels->slot_count - 1);
    while (labels->slots[slot] != LABELS_NONE && strcmp(labels->text[labels->slots[slot]], text) != 0)
        slot = (slot + 1) & (labels->slot_count - 1);
    return slot;
}

static void grow(struct labels *labels)
{
    labels->slot_count = labels->slot_count ? labels->slot_count * 2 : 32;
    labels->slots = mem_resize(labels->slots, labels->slot_count, sizeof *labels->slots);
    memset(labels->slots, 0xff, labels->slot_count * sizeof *labels->slots);
    for (size_t i = 0; i < labels->count; i++)
        labels->slots[slot_of(labels, labels->text[i])] = (uint32_t)i;
}

uint32_t labels_find(const struct labels *labels, const char *text)
{
    return labels->slot_count ? labels->slots[slot_of(labels, text)] : LABELS_NONE;
}

uint32_t labels_add(struct labels *labels, const char *text)
{
    uint32_t old = labels_find(labels, text);
    if (old != LABELS_NONE)
        return old;
    if (labels->count * 2 >= labels->slot_count)
        grow(labels);
    MEM_GROW(labels->text, labels->count, labels->capacity);
    labels->slots[slot_of(labels, text)] = (uint32_t)labels->count;
    labels->text[labels->count] = mem_strdup(text);
    return (uint32_t)labels->count++;
}

void labels_release(struct labels *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        free(labels->text[i]);
    free(labels->text);
    free(labels->slots);
    *labels = (struct labels) { 0 };
}
