#include "stats/method/kitagawa.h"

#include <math.h>

static double rate_of(const struct kitagawa_group *group, int period)
{
    return group->size[period] > 0 ? group->rate[period] : group->rate[1 - period];
}

static enum method_reason check(const struct kitagawa_group *groups, size_t n, double totals[2])
{
    totals[0] = totals[1] = 0;
    for (size_t i = 0; i < n; i++) {
        for (int period = 0; period < 2; period++) {
            double size = groups[i].size[period];
            if (!(size >= 0) || !isfinite(size) || (size > 0 && !isfinite(groups[i].rate[period])))
                return METHOD_OUT_OF_RANGE;
            totals[period] += size;
        }
    }
    return totals[0] > 0 && totals[1] > 0 ? METHOD_OK : METHOD_NO_EXPOSURE;
}

static double overall(const struct kitagawa_group *groups, size_t n, int period, double total)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (groups[i].size[period] > 0)
            sum += groups[i].size[period] * groups[i].rate[period];
    return sum / total;
}

enum method_reason kitagawa(const struct kitagawa_group *groups, size_t n, struct kitagawa_part *parts,
                            struct kitagawa *out)
{
    double totals[2];
    enum method_reason reason = check(groups, n, totals);
    if (reason != METHOD_OK)
        return reason;
    struct kitagawa sum = { .overall = { overall(groups, n, 0, totals[0]), overall(groups, n, 1, totals[1]) } };
    double middle = (sum.overall[0] + sum.overall[1]) / 2;
    for (size_t i = 0; i < n; i++) {
        const struct kitagawa_group *group = &groups[i];
        parts[i] = (struct kitagawa_part){ 0, 0 };
        if (group->size[0] <= 0 && group->size[1] <= 0)
            continue;
        double before = group->size[0] / totals[0], after = group->size[1] / totals[1];
        double first = rate_of(group, 0), second = rate_of(group, 1);
        parts[i].mix = (after - before) * ((first + second) / 2 - middle);
        parts[i].rate = (second - first) * (before + after) / 2;
        sum.mix += parts[i].mix;
        sum.rate += parts[i].rate;
    }
    *out = sum;
    return METHOD_OK;
}
