#include "core/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"

enum { BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

_Noreturn void mem_fail(void)
{
    static const char text[] = "fallzahl: out of memory\n";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(-ERR_AGAIN);
    _exit(-ERR_AGAIN);
}

static size_t product(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        mem_fail();
    return bytes ? bytes : 1;
}

void *mem_alloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        mem_fail();
    return memory;
}

void *mem_zalloc(size_t count, size_t size)
{
    void *memory = calloc(1, product(count, size));
    if (!memory)
        mem_fail();
    return memory;
}

void *mem_resize(void *old, size_t count, size_t size)
{
    void *memory = realloc(old, product(count, size));
    if (!memory)
        mem_fail();
    return memory;
}

char *mem_strndup(const char *text, size_t length)
{
    char *copy = mem_alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}

void arena_init(struct arena *arena, bool wipe)
{
    arena->blocks = NULL;
    arena->wipe = wipe;
}

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    size_t bytes = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    struct arena_block *block = mem_zalloc(1, sizeof *block + bytes);
    block->size = bytes;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (rounded < size)
        mem_fail();
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    void *memory = block->data + block->used;
    block->used += rounded;
    return memory;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

static void free_block(const struct arena *arena, struct arena_block *block)
{
    if (arena->wipe)
        explicit_bzero(block->data, block->used);
    free(block);
}

void arena_clear(struct arena *arena)
{
    struct arena_block *kept = arena->blocks;
    if (!kept)
        return;
    for (struct arena_block *block = kept->next, *next; block; block = next) {
        next = block->next;
        free_block(arena, block);
    }
    kept->next = NULL;
    explicit_bzero(kept->data, kept->used);
    kept->used = 0;
}

void arena_release(struct arena *arena)
{
    arena_clear(arena);
    if (arena->blocks)
        free_block(arena, arena->blocks);
    arena->blocks = NULL;
}

void mem_trim(void)
{
    malloc_trim(0);
}
