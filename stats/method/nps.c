#include "stats/method/nps.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "core/err.h"

enum nps_group nps_group(int score)
{
    BUG_ON(score < 0 || score > 10);
    return score >= 9 ? NPS_PROMOTER : score >= 7 ? NPS_PASSIVE : NPS_DETRACTOR;
}

double nps_score(struct nps_counts counts)
{
    BUG_ON(!(counts.promoters >= 0 && counts.detractors >= 0 && counts.promoters + counts.detractors <= counts.n));
    return counts.n > 0 ? (counts.promoters - counts.detractors) / counts.n : NAN;
}

/* Of the score: the variance of a value that is +1, 0 or -1, divided by n. */
static double variance(struct nps_counts counts)
{
    double score = nps_score(counts);
    return ((counts.promoters + counts.detractors) / counts.n - score * score) / counts.n;
}

struct nps nps_wald(struct nps_counts counts, double level)
{
    BUG_ON(!(level > 0 && level < 1));
    struct nps nps = { .score = nps_score(counts), .low = NAN, .high = NAN, .standard_error = NAN };
    if (isnan(nps.score))
        return nps;
    nps.standard_error = sqrt(fmax(0, variance(counts)));
    double half = gsl_cdf_ugaussian_Pinv(0.5 + level / 2) * nps.standard_error;
    nps.low = fmax(-1, nps.score - half);
    nps.high = fmin(1, nps.score + half);
    return nps;
}

struct nps nps_adjusted_wald(struct nps_counts counts, double level)
{
    nps_score(counts); /* checks them as they were given */
    counts.promoters += 0.75;
    counts.detractors += 0.75;
    counts.n += 3;
    return nps_wald(counts, level);
}

struct nps_difference nps_compare(struct nps_counts first, struct nps_counts second)
{
    struct nps_difference result = { .difference = nps_score(first) - nps_score(second), .z = NAN, .p = NAN };
    result.standard_error = sqrt(fmax(0, variance(first) + variance(second)));
    if (!(result.standard_error > 0))
        return result;
    result.z = result.difference / result.standard_error;
    result.p = 2 * gsl_cdf_ugaussian_Q(fabs(result.z));
    return result;
}
