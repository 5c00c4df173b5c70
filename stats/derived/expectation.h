/* Expectation against experience, importance against satisfaction: two scores of a table that the configuration pairs
 * (preferences/<table>_expectations.csv). Per group both means, their gap with interval, the quadrant of
 * importance-performance analysis (Martilla & James 1977) against the table's total, and the rank of the gap.
 *
 * The interval is Welch's, as if other people gave the two scores: their covariance is not published. Where the same people
 * answer both alike, the true interval is narrower. */
#ifndef STATS_DERIVED_EXPECTATION_H
#define STATS_DERIVED_EXPECTATION_H

#include "stats/derived/findings.h"

void expectation_add(struct release *to, const struct panel *panel, const struct derived_spec *spec,
                     struct findings *findings);

#endif
