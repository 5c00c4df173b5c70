#include "stats/method/two_proportions.h"

#include <math.h>

#include "core/wilson.h"

static enum method_reason check(const struct proportion *proportion)
{
    if (!isfinite(proportion->n) || !(proportion->successes >= 0) || proportion->successes > proportion->n)
        return METHOD_OUT_OF_RANGE;
    return proportion->n > 0 ? METHOD_OK : METHOD_NO_EXPOSURE;
}

enum method_reason two_proportions(const struct proportion *first, const struct proportion *second, double confidence,
                                   struct two_proportions *out)
{
    enum method_reason reason = check(first);
    if (reason == METHOD_OK)
        reason = check(second);
    if (reason != METHOD_OK)
        return reason;
    struct wilson a = wilson_interval(first->successes, first->n, confidence);
    struct wilson b = wilson_interval(second->successes, second->n, confidence);
    double pooled = (first->successes + second->successes) / (first->n + second->n);
    double error = sqrt(pooled * (1 - pooled) * (1 / first->n + 1 / second->n));
    struct two_proportions test = { .difference = a.share - b.share };
    test.low = test.difference - hypot(a.share - a.low, b.high - b.share);
    test.high = test.difference + hypot(a.high - a.share, b.share - b.low);
    test.z = error > 0 ? test.difference / error : 0;
    test.p = normal_two_sided(test.z);
    *out = test;
    return METHOD_OK;
}
