/* A set of texts, numbered from 0 in the order of arrival. A zeroed struct is an empty set. */
#ifndef STATS_TABULATE_LABELS_H
#define STATS_TABULATE_LABELS_H

#include <stddef.h>
#include <stdint.h>

#define LABELS_NONE UINT32_MAX

struct labels {
    char **text;
    size_t count, capacity;
    uint32_t *slots; /* open addressing, at most half full; LABELS_NONE: free */
    size_t slot_count;
};

uint32_t labels_find(const struct labels *labels, const char *text); /* LABELS_NONE if it is not there */
uint32_t labels_add(struct labels *labels, const char *text);        /* its number, also if it was there already */
void labels_release(struct labels *labels);

#endif
