#include "stats/method/permutation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "core/mem.h"

static const double max_total = 1e7;

struct sampler {
    gsl_rng *random;
    double *log_factorial; /* of 0 .. total */
};

/* `drawn` from `population`, of which `marked` are marked: how many drawn are marked. */
struct urn {
    double population, marked, drawn;
};

static double log_factorial(const struct sampler *sampler, double n)
{
    return sampler->log_factorial[(size_t)n];
}

static double log_choose(const struct sampler *sampler, double n, double k)
{
    return log_factorial(sampler, n) - log_factorial(sampler, k) - log_factorial(sampler, n - k);
}

/* Hypergeometric draw by inversion, walking outward from the mode in both directions. */
static double draw(const struct sampler *sampler, const struct urn *urn)
{
    double rest = urn->population - urn->marked - urn->drawn; /* may be negative */
    double mode = floor((urn->drawn + 1) * (urn->marked + 1) / (urn->population + 2));
    double top = exp(log_choose(sampler, urn->marked, mode) +
                     log_choose(sampler, urn->population - urn->marked, urn->drawn - mode) -
                     log_choose(sampler, urn->population, urn->drawn));
    double left = gsl_rng_uniform(sampler->random) - top, up = top, down = top, above = mode, below = mode;
    while (left >= 0) {
        up *= (urn->marked - above) * (urn->drawn - above) / ((above + 1) * (rest + above + 1));
        above++;
        left -= up;
        if (left < 0)
            return above;
        down *= below * (rest + below) / ((urn->marked - below + 1) * (urn->drawn - below + 1));
        below--;
        left -= down;
        if (left < 0)
            return below;
        if (up <= 0 && down <= 0)
            return mode; /* rounding left a trace over */
    }
    return mode;
}

/* Fills `counts` with a random table of the margins, cell by cell given what is left of row and columns. */
static void random_table(const struct sampler *sampler, const struct margins *margins, struct contingency *table,
                         double *counts, double *column_left)
{
    memcpy(column_left, margins->column, table->columns * sizeof *column_left);
    double all_left = margins->total;
    for (size_t i = 0; i < table->rows; i++) {
        double row_left = margins->row[i], population = all_left;
        all_left -= row_left;
        for (size_t j = 0; j < table->columns; j++) {
            struct urn urn = { population, column_left[j], row_left };
            population -= column_left[j];
            double count = urn.drawn > 0 && urn.marked > 0 ? draw(sampler, &urn) : 0;
            counts[i * table->columns + j] = count;
            column_left[j] -= count;
            row_left -= count;
        }
    }
}

static void sampler_init(struct sampler *sampler, double total, uint64_t seed)
{
    sampler->random = gsl_rng_alloc(gsl_rng_mt19937);
    if (!sampler->random)
        mem_fail();
    gsl_rng_set(sampler->random, (unsigned long)seed);
    sampler->log_factorial = mem_zalloc((size_t)total + 1, sizeof *sampler->log_factorial);
    for (size_t i = 1; (double)i <= total; i++)
        sampler->log_factorial[i] = sampler->log_factorial[i - 1] + log((double)i);
}

static bool is_whole(const struct contingency *table)
{
    for (size_t i = 0; i < table->rows * table->columns; i++)
        if (table->counts[i] != floor(table->counts[i]))
            return false;
    return true;
}

static size_t count_extreme(const struct contingency *table, const struct margins *margins, size_t tables,
                            const struct sampler *sampler)
{
    /* R's tolerance: tables that differ by rounding only count as equal */
    double limit = chi_square_statistic(table, margins) * (1 - 64 * 2.220446049250313e-16);
    double *counts = mem_zalloc(table->rows * table->columns, sizeof *counts);
    double *column_left = mem_zalloc(table->columns, sizeof *column_left);
    struct contingency random = { counts, table->rows, table->columns };
    size_t extreme = 0;
    for (size_t i = 0; i < tables; i++) {
        random_table(sampler, margins, &random, counts, column_left);
        extreme += chi_square_statistic(&random, margins) >= limit;
    }
    free(counts);
    free(column_left);
    return extreme;
}

enum method_reason permutation_p(const struct contingency *table, size_t tables, uint64_t seed, double *p)
{
    struct margins margins;
    enum method_reason reason = margins_of(table, &margins);
    if (reason != METHOD_OK)
        return reason;
    if (margins.total > max_total || !is_whole(table)) {
        margins_free(&margins);
        return METHOD_OUT_OF_RANGE;
    }
    struct sampler sampler;
    sampler_init(&sampler, margins.total, seed);
    size_t extreme = count_extreme(table, &margins, tables, &sampler);
    *p = (double)(1 + extreme) / (double)(1 + tables);
    gsl_rng_free(sampler.random);
    free(sampler.log_factorial);
    margins_free(&margins);
    return METHOD_OK;
}
