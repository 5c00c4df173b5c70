#include "stats/protect/witness.h"

#include <math.h>
#include <stdlib.h>

void witness_set_release(struct witness_set *set)
{
    free(set->witnesses);
    free(set->changes);
    *set = (struct witness_set) { 0 };
}

void witness_begin(struct witness_set *set, int64_t denominator)
{
    MEM_GROW(set->witnesses, set->count, set->capacity);
    set->witnesses[set->count++]
        = (struct witness) { .first = set->change_count, .count = 0, .denominator = denominator };
}

void witness_drop_last(struct witness_set *set)
{
    set->change_count = set->witnesses[--set->count].first;
}

void witness_add_change(struct witness_set *set, uint32_t unknown, int64_t change)
{
    MEM_GROW(set->changes, set->change_count, set->change_capacity);
    set->changes[set->change_count++] = (struct witness_change) { unknown, change };
    set->witnesses[set->count - 1].count++;
}

static int compare(const void *left, const void *right)
{
    const struct witness_change *a = left, *b = right;
    return a->unknown < b->unknown ? -1 : a->unknown > b->unknown;
}

void witness_end(struct witness_set *set)
{
    const struct witness *last = &set->witnesses[set->count - 1];
    if (last->count)
        qsort(set->changes + last->first, last->count, sizeof *set->changes, compare);
}

double witness_change(const struct witness_set *set, size_t witness, uint32_t unknown)
{
    const struct witness *w = &set->witnesses[witness];
    const struct witness_change key = { .unknown = unknown };
    const struct witness_change *found
        = w->count ? bsearch(&key, set->changes + w->first, w->count, sizeof key, compare) : NULL;
    return found ? (double)found->change / (double)w->denominator : 0;
}

void witness_index_init(struct witness_index *index, const struct witness_set *set, size_t unknown_count)
{
    index->first = mem_zalloc(unknown_count + 2, sizeof *index->first);
    index->witness = mem_zalloc(set->change_count, sizeof *index->witness);
    index->change = mem_zalloc(set->change_count, sizeof *index->change);
    for (size_t i = 0; i < set->change_count; i++)
        index->first[set->changes[i].unknown + 2]++;
    for (size_t u = 2; u < unknown_count + 2; u++)
        index->first[u] += index->first[u - 1];
    for (uint32_t w = 0; w < set->count; w++)
        for (size_t i = set->witnesses[w].first; i < set->witnesses[w].first + set->witnesses[w].count; i++) {
            size_t at = index->first[set->changes[i].unknown + 1]++;
            index->witness[at] = w;
            index->change[at] = (double)set->changes[i].change / (double)set->witnesses[w].denominator;
        }
}

void witness_index_release(struct witness_index *index)
{
    free(index->first);
    free(index->witness);
    free(index->change);
    *index = (struct witness_index) { 0 };
}

int64_t witness_denominator(const double *changes, size_t count)
{
    enum { GREATEST = 12 };
    const double tolerance = 1e-5;
    for (int64_t q = 1; q <= GREATEST; q++) {
        size_t i = 0;
        while (i < count && fabs(changes[i] * (double)q - nearbyint(changes[i] * (double)q)) < tolerance)
            i++;
        if (i == count)
            return q;
    }
    double size = 0;
    for (size_t i = 0; i < count; i++)
        size += fabs(changes[i]);
    return witness_inexact_denominator(size);
}

int64_t witness_inexact_denominator(double size)
{
    const double most = (double)WITNESS_MOST * (double)WITNESS_INEXACT;
    int64_t denominator = INT64_C(1) << 40;
    while (denominator > WITNESS_INEXACT && size * (double)denominator > most)
        denominator /= 2;
    return denominator;
}

bool witness_is_inexact(int64_t denominator)
{
    return denominator >= WITNESS_INEXACT;
}

int64_t witness_scaled(double change, int64_t denominator)
{
    return (int64_t)nearbyint(change * (double)denominator);
}
