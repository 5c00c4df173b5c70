#include "stats/method/csat.h"

#include "core/err.h"

struct wilson csat_top_box(const int64_t *counts, size_t points, size_t boxes, double level)
{
    BUG_ON(boxes > points);
    int64_t n = 0, top = 0;
    for (size_t i = 0; i < points; i++) {
        BUG_ON(counts[i] < 0);
        n += counts[i];
        if (i >= points - boxes)
            top += counts[i];
    }
    return wilson_interval((double)top, (double)n, level);
}
