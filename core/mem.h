/* Memory. An allocation that fails ends the run at once with status 75 and one line on stderr: every durable act of
 * the program is a transaction or a rename, so that dying is clean, and no caller checks for NULL.
 *
 * An arena hands out memory that lives until arena_release(); one arena per stage of work. Arenas that held secrets
 * or identifiers are wiped on release. */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include <stdbool.h>
#include <stddef.h>

void *mem_alloc(size_t size);                              /* uninitialised; size 0 gives a unique pointer */
void *mem_zalloc(size_t count, size_t size);               /* zeroed; count × size is checked for overflow */
void *mem_resize(void *old, size_t count, size_t size);    /* as realloc(old, count × size), checked */
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t length);        /* copies length bytes, adds NUL */
_Noreturn void mem_fail(void);                             /* "out of memory", status 75 */

/* Makes room for one more element in a growing array: `array` has `count` used of `capacity` elements. */
#define MEM_GROW(array, count, capacity)                                                                               \
    do {                                                                                                               \
        if ((count) >= (capacity)) {                                                                                   \
            (capacity) = (capacity) ? (capacity) * 2 : 16;                                                             \
            (array) = mem_resize((array), (capacity), sizeof *(array));                                                \
        }                                                                                                              \
    } while (0)

struct arena {
    struct arena_block *blocks;
    bool wipe;
};

void arena_init(struct arena *arena, bool wipe);
void *arena_alloc(struct arena *arena, size_t size);       /* zeroed, aligned for any type */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
void arena_clear(struct arena *arena);                     /* frees all but one block, which it keeps for reuse */
void arena_release(struct arena *arena);                   /* frees all; safe on a zeroed or released arena */

/* Gives what is free back to the system: after a stage that held much in small pieces. */
void mem_trim(void);

#endif
