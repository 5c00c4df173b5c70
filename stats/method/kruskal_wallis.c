#include "stats/method/kruskal_wallis.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>

#include "core/mem.h"

struct ranks {
    double *sum, *n;    /* per group */
    double total, ties; /* ties: sum of t^3 - t */
};

static enum method_reason check(const struct kruskal_entry *entries, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(entries[i].value) || !isfinite(entries[i].frequency) || entries[i].frequency < 0)
            return METHOD_OUT_OF_RANGE;
        total += entries[i].frequency;
    }
    return total > 0 ? METHOD_OK : METHOD_EMPTY;
}

static size_t *order_of(const struct kruskal_entry *entries, size_t count)
{
    double *values = mem_zalloc(count, sizeof *values);
    size_t *order = mem_zalloc(count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        values[i] = entries[i].value;
    gsl_sort_index(order, values, 1, count);
    free(values);
    return order;
}

static void add_ranks(const struct kruskal_entry *entries, size_t count, struct ranks *ranks)
{
    size_t *order = order_of(entries, count);
    for (size_t i = 0, end; i < count; i = end) {
        double tied = 0;
        for (end = i; end < count && entries[order[end]].value == entries[order[i]].value; end++)
            tied += entries[order[end]].frequency;
        double rank = ranks->total + (tied + 1) / 2;
        for (size_t j = i; j < end; j++) {
            const struct kruskal_entry *entry = &entries[order[j]];
            ranks->sum[entry->group] += rank * entry->frequency;
            ranks->n[entry->group] += entry->frequency;
        }
        ranks->ties += tied * tied * tied - tied;
        ranks->total += tied;
    }
    free(order);
}

static enum method_reason test(const struct ranks *ranks, size_t groups, struct kruskal_wallis *out)
{
    double n = ranks->total, sum = 0, correction = 1 - ranks->ties / (n * n * n - n);
    size_t live = 0;
    for (size_t i = 0; i < groups; i++) {
        if (ranks->n[i] <= 0)
            continue;
        sum += ranks->sum[i] * ranks->sum[i] / ranks->n[i];
        live++;
    }
    if (live < 2)
        return METHOD_ONE_GROUP;
    if (!(correction > 1e-12))
        return METHOD_CONSTANT;
    struct kruskal_wallis result = { .n = n, .df = live - 1 };
    result.statistic = fmax(0, (12 * sum / (n * (n + 1)) - 3 * (n + 1)) / correction);
    result.p = gsl_cdf_chisq_Q(result.statistic, (double)result.df);
    *out = result;
    return METHOD_OK;
}

enum method_reason kruskal_wallis(const struct kruskal_entry *entries, size_t count, size_t groups,
                                  struct kruskal_wallis *out)
{
    enum method_reason reason = check(entries, count);
    if (reason != METHOD_OK)
        return reason;
    struct ranks ranks = { .sum = mem_zalloc(groups, sizeof *ranks.sum), .n = mem_zalloc(groups, sizeof *ranks.n) };
    add_ranks(entries, count, &ranks);
    reason = test(&ranks, groups, out);
    free(ranks.sum);
    free(ranks.n);
    return reason;
}
