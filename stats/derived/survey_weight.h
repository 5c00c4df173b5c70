/* The weighted score of a panel's total: answers raked to the groups of the population. */
#ifndef STATS_DERIVED_SURVEY_WEIGHT_H
#define STATS_DERIVED_SURVEY_WEIGHT_H

#include "stats/derived/survey_tally.h"

struct weighted {
    double score, low, high;
    double design_effect, effective_n;
    const char *note; /* why there is none, or what is to be known of it; "" */
};

/* Every group that the tables have in common is a margin; no weight is above five times the mean. NAN where it cannot be done. */
struct weighted survey_weight(const struct panel *panel, const struct panel *population, const struct derived_spec *spec, size_t period);

#endif
