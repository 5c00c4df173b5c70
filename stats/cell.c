#include "stats/cell.h"

size_t cell_bytes(size_t measures)
{
    return sizeof(struct cell) + measures * sizeof(struct cell_sum);
}

bool cell_add_value(struct cell_sum *sum, int64_t value, bool in_share)
{
    sum->n++;
    sum->share += in_share;
    bool overflow = __builtin_add_overflow(sum->squares, (cell_wide)value * value, &sum->squares);
    return __builtin_add_overflow(sum->sum, value, &sum->sum) || overflow;
}

static bool add_sums(struct cell_sum *into, const struct cell_sum *from)
{
    into->n += from->n;
    into->share += from->share;
    bool overflow = __builtin_add_overflow(into->squares, from->squares, &into->squares);
    return __builtin_add_overflow(into->sum, from->sum, &into->sum) || overflow;
}

bool cell_join(struct cell *into, const struct cell *from, size_t measures)
{
    bool overflow = false;
    into->cases += from->cases;
    for (size_t m = 0; m < measures; m++)
        if (from->sums[m].n)
            overflow |= add_sums(&into->sums[m], &from->sums[m]);
    return overflow;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void cell_seal(struct cell *cell, size_t measures)
{
    cell->persons = 1;
    cell->top1 = cell->cases;
    cell->top2 = 0;
    for (size_t m = 0; m < measures; m++) {
        struct cell_sum *sum = &cell->sums[m];
        sum->persons = sum->n > 0;
        sum->top1 = magnitude(sum->sum);
        sum->top2 = 0;
    }
}

/* The two largest of four, where first >= second in each pair. */
static void merge_top(uint64_t *first, uint64_t *second, uint64_t other_first, uint64_t other_second)
{
    if (other_first > *first) {
        *second = *first > other_second ? *first : other_second;
        *first = other_first;
    } else if (other_first > *second) {
        *second = other_first;
    }
}

bool cell_merge(struct cell *into, const struct cell *from, size_t measures)
{
    bool overflow = false;
    into->cases += from->cases;
    into->persons += from->persons;
    merge_top(&into->top1, &into->top2, from->top1, from->top2);
    for (size_t m = 0; m < measures; m++) {
        const struct cell_sum *sum = &from->sums[m];
        if (!sum->n)
            continue;
        into->sums[m].persons += sum->persons;
        merge_top(&into->sums[m].top1, &into->sums[m].top2, sum->top1, sum->top2);
        overflow |= add_sums(&into->sums[m], sum);
    }
    return overflow;
}
