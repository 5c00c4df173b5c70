#include "stats/protect/classes.h"

#include <stdlib.h>
#include <string.h>

/* 128 bits of a sum of hashed (row, coefficient): equal for unknowns of one class, and for others only by a chance of
 * about 2^-100. */
struct signature {
    uint64_t part[2];
};

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static void sign(struct signature *signature, uint64_t row, double coefficient)
{
    uint64_t bits;
    memcpy(&bits, &coefficient, sizeof bits);
    uint64_t first = mix(row * 2 + 1) ^ bits;
    signature->part[0] += mix(first);
    signature->part[1] += mix(mix(first) + 0x5851f42d4c957f2du);
}

static void sign_view(struct signature *signatures, uint64_t row, struct protect_view view)
{
    for (size_t i = 0; i < view.count; i++)
        sign(&signatures[view.members[i]], row, view.coefficients ? view.coefficients[i] : 1);
}

/* An open table from signature to class. */
struct lookup {
    struct signature *keys;
    uint32_t *classes;
    size_t mask;
};

static uint32_t *look_up(struct lookup *lookup, const struct signature *key)
{
    size_t at = key->part[0] & lookup->mask;
    while (lookup->classes[at] != PROTECT_NONE && memcmp(&lookup->keys[at], key, sizeof *key) != 0)
        at = (at + 1) & lookup->mask;
    lookup->keys[at] = *key;
    return &lookup->classes[at];
}

static void lookup_init(struct lookup *lookup, size_t count)
{
    size_t size = 16;
    while (size < count * 2)
        size *= 2;
    lookup->mask = size - 1;
    lookup->keys = mem_zalloc(size, sizeof *lookup->keys);
    lookup->classes = mem_alloc(size * sizeof *lookup->classes);
    memset(lookup->classes, 0xff, size * sizeof *lookup->classes);
}

static void assign(struct classes *classes, struct lookup *lookup, const struct protect_problem *problem,
                   struct signature *signatures)
{
    for (uint32_t u = 0; u < problem->unknown_count; u++) {
        bool alone = problem->unknowns[u].is_singleton;
        classes->of[u] = PROTECT_NONE;
        if (problem->unknowns[u].known_zero || (!signatures[u].part[0] && !signatures[u].part[1]))
            continue;
        if (alone)
            sign(&signatures[u], UINT64_MAX / 4, 1);
        uint32_t *class = look_up(lookup, &signatures[u]);
        if (*class == PROTECT_NONE) {
            classes->singleton[classes->count] = alone;
            *class = (uint32_t)classes->count++;
        }
        classes->of[u] = *class;
        classes->cases[*class] += problem->unknowns[u].cases;
    }
}

void classes_find(struct classes *classes, const struct protect_problem *problem, const struct protect_view *views,
                  size_t count)
{
    size_t unknowns = problem->unknown_count;
    struct signature *signatures = mem_zalloc(unknowns, sizeof *signatures);
    for (size_t i = 0; i < count; i++)
        sign_view(signatures, i, views[i]);
    struct lookup lookup;
    lookup_init(&lookup, unknowns);
    *classes = (struct classes) { .of = mem_zalloc(unknowns, sizeof *classes->of),
        .cases = mem_zalloc(unknowns, sizeof *classes->cases),
        .singleton = mem_zalloc(unknowns, sizeof *classes->singleton) };
    assign(classes, &lookup, problem, signatures);
    free(lookup.keys);
    free(lookup.classes);
    free(signatures);
}

void classes_release(struct classes *classes)
{
    free(classes->of);
    free(classes->cases);
    free(classes->singleton);
    *classes = (struct classes) { 0 };
}
