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

/* P(D = 0), P(D = 1), .. P(D = pairs); to be freed. */
static double *distribution(size_t n)
{
    BUG_ON(n < 2 || n >= KENDALL_EXACT_LIMIT);
    size_t pairs = n * (n - 1) / 2;
    double *probability = mem_zalloc(pairs + 1, sizeof *probability);
    double *next = mem_zalloc(pairs + 1, sizeof *next);
    probability[0] = 1;
    for (size_t m = 2; m <= n; m++)
        add_value(probability, next, m * (m - 1) / 2, m);
    free(next);
    return probability;
}

double kendall_exact_at_most(size_t n, double d)
{
    if (d < 0)
        return 0;
    if (d >= (double)(n * (n - 1) / 2))
        return 1;
    double *probability = distribution(n), sum = 0;
    for (size_t i = 0; (double)i <= d; i++)
        sum += probability[i];
    free(probability);
    return sum;
}

size_t kendall_exact_tail(size_t n, double p)
{
    double *probability = distribution(n), sum = probability[0];
    size_t d = 0, pairs = n * (n - 1) / 2;
    while (sum <= p && d < pairs)
        sum += probability[++d];
    free(probability);
    return d;
}
