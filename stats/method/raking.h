/* Weights that make a sample's margins equal to the population's: iterative proportional fitting (raking). Deming
 * and Stephan, "On a Least Squares Adjustment of a Sampled Frequency Table When the Expected Marginal Totals are
 * Known", Ann. Math. Stat. 11 (1940), 427–444. With one margin it is post-stratification, done in one step.
 * Trimming: a weight above the cap (a multiple of the mean weight) is cut to it, and the sample raked again, until
 * both hold; as in Izrael, Battaglia and Frankel, "Extreme Survey Weight Adjustment as a Component of Sample
 * Balancing", 2009. Design effect of weighting: Kish, "Weighting for Unequal P_i", J. Off. Stat. 8 (1992), 183–200. */
#ifndef STATS_METHOD_RAKING_H
#define STATS_METHOD_RAKING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct raking_margin {
    const char *name;         /* for messages */
    const size_t *category;   /* of each respondent: an index below `categories` */
    const double *population; /* of each category, >= 0 */
    size_t categories;
};

struct raking_limits {
    size_t max_passes; /* over all margins, in all rounds of trimming together; 0: 1,000 */
    double tolerance;  /* largest allowed |weighted - population| / population; 0: 1e-10 */
    double
        cap; /* largest weight as a multiple of the mean weight, > 1, kept to one part in a million; 0: no trimming */
};

struct raking_report {
    bool converged; /* within tolerance, and nothing above the cap */
    size_t passes;
    size_t trimmed;       /* respondents whose weight is at the cap */
    double deviation;     /* largest relative deviation of a category that is left */
    const char *worst;    /* name of the margin that has it; NULL when there is none */
    double design_effect; /* Kish: n Σw² / (Σw)² */
    double effective_n;   /* n / design effect */
};

/* Turns the `n` base weights (> 0) into raked ones, in place, and fills the report; not converging is for the caller
 * to judge. ERR_DATA, weights untouched: no respondent, a base weight that is not positive and finite, a population
 * that is negative or not finite, margins whose populations do not add to the same (1e-6), a category with a
 * population but no respondent, or with respondents but no population: those must be merged first. */
int raking_rake(const struct raking_margin *margins, size_t margin_count, double *weights, size_t n,
                const struct raking_limits *limits, struct raking_report *report, struct err *err);

double raking_design_effect(const double *weights, size_t n); /* NaN when n is 0 */

#endif
