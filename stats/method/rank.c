#include "stats/method/rank.h"

#include <stdlib.h>

#include <gsl/gsl_sort.h>

#include "core/mem.h"

void rank_of(const double *values, size_t n, double *out)
{
    size_t *order = mem_zalloc(n, sizeof *order);
    gsl_sort_index(order, values, 1, n);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && values[order[end]] == values[order[i]];)
            end++;
        for (size_t j = i; j < end; j++)
            out[order[j]] = (double)(i + 1 + end) / 2;
    }
    free(order);
}
