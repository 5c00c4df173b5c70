/* What became of invitations: AAPOR's rates, and whether those who answered mirror those who were invited. Each group's part of the
 * invitations stands beside its part of the answers, its response rate is tested against that of the rest, and the total has the
 * R-indicator of representativity (Schouten, Cobben & Bethlehem 2009: 1 less twice the standard deviation of the groups' response
 * rates; 1 where all answer alike) and the design effect of weighting the answers to the invited (Kish). */
#ifndef STATS_DERIVED_SURVEY_RESPONSE_H
#define STATS_DERIVED_SURVEY_RESPONSE_H

#include "stats/derived/findings.h"

void survey_response_add(struct release *release, const struct panel *panel, const struct derived_spec *spec, struct findings *findings);

#endif
