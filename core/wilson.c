#include "core/wilson.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "core/err.h"

struct wilson wilson_interval(double successes, double n, double level)
{
    BUG_ON(!(successes >= 0 && successes <= n && level > 0 && level < 1));
    if (n == 0)
        return (struct wilson){ NAN, 0, 1 };
    double z = gsl_cdf_ugaussian_Pinv(0.5 + level / 2);
    double share = successes / n;
    double centre = (share + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    return (struct wilson){
        .share = share,
        .low = successes == 0
                   ? 0
                   : fmax(0, centre - half), /* exact at the ends, where centre and half only round to equal */
        .high = successes == n ? 1 : fmin(1, centre + half),
    };
}
