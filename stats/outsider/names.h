/* A set of texts, numbered from 0 in the order of arrival. */
#ifndef STATS_OUTSIDER_NAMES_H
#define STATS_OUTSIDER_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum { NAMES_NONE = -1 };

/* A zeroed struct is an empty set. */
struct names {
    char **text;
    size_t count, capacity;
    int64_t *slots; /* open addressing; NAMES_NONE: free */
    size_t slot_count;
};

int64_t names_find(const struct names *names, const char *text); /* its number, NAMES_NONE if it is not there */
size_t names_add(struct names *names, const char *text);         /* its number, also if it was there already */
void names_release(struct names *names);

#endif
