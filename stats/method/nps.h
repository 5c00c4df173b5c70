/* Net Promoter Score: share of promoters (9, 10) less share of detractors (0 … 6) on the scale 0 … 10. Reichheld, "The
 * One Number You Need to Grow", Harvard Business Review, December 2003. Interval: adjusted Wald, which adds three
 * answers, three quarters of one to the promoters and to the detractors: Rocks, "Interval Estimation for the 'Net
 * Promoter Score'", The American Statistician 70 (2016), 365–372. */
#ifndef STATS_METHOD_NPS_H
#define STATS_METHOD_NPS_H

#include <stdint.h>

enum nps_group { NPS_DETRACTOR = -1, NPS_PASSIVE = 0, NPS_PROMOTER = 1 };

struct nps_counts {
    double promoters, detractors, n; /* promoters + detractors <= n, else BUG; weighted or effective numbers are fine */
};

/* Scores are shares in [-1, 1]; all of it NaN when n is 0 and nothing was added. */
struct nps {
    double score;
    double standard_error;
    double low, high; /* two-sided, clamped to [-1, 1] */
};

struct nps_difference {
    double difference; /* first less second */
    double standard_error;
    double z, p; /* two-sided normal test of no difference; NaN where the standard error is 0 */
};

enum nps_group nps_group(int score); /* 0 … 10, else BUG */
double nps_score(struct nps_counts counts);
struct nps nps_wald(struct nps_counts counts, double level);
struct nps nps_adjusted_wald(struct nps_counts counts, double level);
/* Of two independent groups, with the unadjusted variances. */
struct nps_difference nps_compare(struct nps_counts first, struct nps_counts second);

#endif
