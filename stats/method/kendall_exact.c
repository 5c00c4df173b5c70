#include "stats/method/kendall_exact.h"

#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"

/* From the probabilities of D among m - 1 values to those among m: a new value adds 0 .. m - 1 discordant pairs. */
static void add_value(double *probability, double *next, size_t pairs, size_t m)
{
    double window = 0;
    for (size_t d = 0; d <= pairs; d++) {
        window += probability[d];
        if (d >= m)
            window -= probability[d - m];
        next[d] = window / (double)m;
    }
    memcpy(probability, next, (pairs + 1) * sizeof *probability);
}

double kendall_exact_at_most(size_t n, double d)
{
    BUG_ON(n < 2 || n >= KENDALL_EXACT_LIMIT);
    size_t pairs = n * (n - 1) / 2;
    if (d < 0)
        return 0;
    if (d >= (double)pairs)
        return 1;
    double *probability = mem_zalloc(pairs + 1, sizeof *probability);
    double *next = mem_zalloc(pairs + 1, sizeof *next);
    probability[0] = 1;
    for (size_t m = 2; m <= n; m++)
        add_value(probability, next, pairs, m);
    double sum = 0;
    for (size_t i = 0; (double)i <= d; i++)
        sum += probability[i];
    free(probability);
    free(next);
    return sum;
}
