#include "stats/quantile.h"

#include "core/err.h"
#include "stats/cell.h"

/* numerator / denominator, halves away from zero; denominator > 0. */
static cell_wide divide_rounded(cell_wide numerator, cell_wide denominator)
{
    cell_wide half = denominator / 2;
    return numerator < 0 ? -((-numerator + half) / denominator) : (numerator + half) / denominator;
}

int64_t quantile_person_value(int64_t sum, uint64_t n)
{
    return (int64_t)divide_rounded((cell_wide)sum * QUANTILE_UNIT, (cell_wide)n);
}

static void swap(int64_t *a, int64_t *b)
{
    int64_t other = *a;
    *a = *b;
    *b = other;
}

static int64_t median_of_three(int64_t a, int64_t b, int64_t c)
{
    int64_t low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* A fixed pseudo-random sequence (Knuth's MMIX constants) picks pivots, so that no order of input is a bad
 * one. */
static int64_t pick_pivot(const int64_t *values, size_t n, uint64_t *seed)
{
    size_t at[3];
    for (size_t i = 0; i < 3; i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        at[i] = (size_t)((*seed >> 33) % n);
    }
    return median_of_three(values[at[0]], values[at[1]], values[at[2]]);
}

/* Afterwards values[0..rank) <= values[rank] <= values(rank..n). Quickselect (Hoare) with three-way
 * partition. */
static void select_rank(int64_t *values, size_t n, size_t rank)
{
    size_t first = 0, end = n;
    uint64_t seed = n;
    while (end - first > 1) {
        int64_t pivot = pick_pivot(values + first, end - first, &seed);
        size_t below = first, above = end;
        for (size_t i = first; i < above;) {
            if (values[i] < pivot)
                swap(&values[i++], &values[below++]);
            else if (values[i] > pivot)
                swap(&values[i], &values[--above]);
            else
                i++;
        }
        if (rank < below)
            end = below;
        else if (rank >= above)
            first = above;
        else
            return;
    }
}

/* Positions in hundredths: the window is [low, high). */
static void find_window(size_t n, size_t k, int percent, size_t *low, size_t *high)
{
    int64_t centre = (int64_t)n * percent * 2, half = (int64_t)k * 100;
    int64_t first = centre - half, end = centre + half, all = (int64_t)n * 200;
    if (first < 0) {
        first = 0;
        end = half * 2;
    } else if (end > all) {
        first = all - half * 2;
        end = all;
    }
    *low = (size_t)(first / 200);
    *high = (size_t)((end + 199) / 200);
}

int64_t quantile_of(int64_t *values, size_t n, size_t k, int percent, int64_t base)
{
    BUG_ON(k < 1 || k > n || percent < 1 || percent > 99 || base < 1);
    size_t low, high;
    find_window(n, k, percent, &low, &high);
    select_rank(values, n, low);
    select_rank(values + low, n - low, high - low - 1);
    cell_wide sum = 0;
    for (size_t i = low; i < high; i++)
        sum += values[i];
    return (int64_t)divide_rounded(sum, (cell_wide)(high - low) * QUANTILE_UNIT * base) * base;
}

size_t quantile_least_persons(size_t k, int percent)
{
    return percent == 50 ? 2 * k + 1 : 5 * k;
}
