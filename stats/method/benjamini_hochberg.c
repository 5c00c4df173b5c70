#include "stats/method/benjamini_hochberg.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

#include "core/mem.h"

void benjamini_hochberg(const double *p, size_t n, double *adjusted)
{
    size_t *order = mem_zalloc(n, sizeof *order), *place = mem_zalloc(n, sizeof *place), tests = 0;
    double *values = mem_zalloc(n, sizeof *values), least = 1;
    for (size_t i = 0; i < n; i++) {
        adjusted[i] = p[i];
        if (isnan(p[i]))
            continue;
        place[tests] = i;
        values[tests++] = p[i];
    }
    gsl_sort_index(order, values, 1, tests);
    for (size_t rank = tests; rank > 0; rank--) {
        size_t i = order[rank - 1];
        least = fmin(least, values[i] * (double)tests / (double)rank);
        adjusted[place[i]] = least;
    }
    free(order);
    free(place);
    free(values);
}
