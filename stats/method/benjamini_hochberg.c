#include "stats/method/benjamini_hochberg.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

#include "core/mem.h"

void benjamini_hochberg(const double *p, size_t n, double *adjusted)
{
    size_t *order = mem_zalloc(n, sizeof *order);
    gsl_sort_index(order, p, 1, n);
    double least = 1;
    for (size_t rank = n; rank > 0; rank--) {
        size_t i = order[rank - 1];
        least = fmin(least, p[i] * (double)n / (double)rank);
        adjusted[i] = least;
    }
    free(order);
}
