/* "Did you mean …?": the known name that is nearest to a mistyped one.
 *
 * Distance: optimal string alignment (Damerau–Levenshtein with adjacent transpositions; Damerau, CACM 7 (1964) 171). */
#ifndef CORE_NEAREST_H
#define CORE_NEAREST_H

#include <stddef.h>

enum { NEAREST_MAX_LENGTH = 63 };

/* Insertions, deletions, substitutions and swaps of neighbours (bytes) that turn `a` into `b`; texts longer than
 * NEAREST_MAX_LENGTH are as far from everything as can be (SIZE_MAX). */
size_t nearest_distance(const char *a, const char *b);

/* The nearest of the names if it is near enough to be what was meant (at most a third of its length changed, at
 * least one change allowed), else NULL. Of equally near ones the first. */
const char *nearest_name(const char *text, const char *const *names, size_t count);

#endif
