#include "stats/figure.h"

#include <math.h>

#include "core/err.h"

static long double power_of_ten(int decimals)
{
    long double power = 1;
    for (int i = 0; i < decimals; i++)
        power *= 10;
    return power;
}

double figure_unscale(int64_t scaled, int decimals)
{
    return (double)((long double)scaled / power_of_ten(decimals));
}

int64_t figure_scale(double value, int decimals)
{
    return (int64_t)llroundl((long double)value * power_of_ten(decimals));
}

double figure_sum(const struct cell_sum *sum, int decimals)
{
    return figure_unscale(sum->sum, decimals);
}

double figure_mean(const struct cell_sum *sum, int decimals)
{
    BUG_ON(sum->n < 1);
    return (double)((long double)sum->sum / ((long double)sum->n * power_of_ten(decimals)));
}

double figure_share(const struct cell_sum *sum)
{
    BUG_ON(sum->n < 1);
    return (double)sum->share / (double)sum->n;
}

/* With q = floor(mean) and r = sum - n·q, the integers x - q give
 *   Σ(x - mean)² = Σ(x - q)(x - q - 1) + r·(n - r)/n,
 * two terms that are not negative, the first exact: nothing cancels, however large the mean is. */
double figure_sd(const struct cell_sum *sum, int decimals)
{
    BUG_ON(sum->n < 2);
    cell_wide n = (cell_wide)sum->n, total = sum->sum;
    cell_wide q = total / n;
    if (q * n > total)
        q--;
    cell_wide r = total - n * q;
    cell_wide products = sum->squares - q * total - q * r - r;
    long double deviations = (long double)products + (long double)r * (long double)(n - r) / (long double)n;
    return (double)(sqrtl(deviations / (long double)(n - 1)) / power_of_ten(decimals));
}
