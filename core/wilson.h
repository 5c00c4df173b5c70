/* Score interval of a proportion: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
 * JASA 22 (1927), 209–212; without continuity correction. */
#ifndef CORE_WILSON_H
#define CORE_WILSON_H

struct wilson {
    double share;     /* NaN when n is 0 */
    double low, high; /* within [0, 1] and around share; [0, 1] when n is 0 */
};

/* `successes` of `n` (0 <= successes <= n, else BUG), two-sided at `level` (0.95); n may be an effective sample
 * size. */
struct wilson wilson_interval(double successes, double n, double level);

#endif
