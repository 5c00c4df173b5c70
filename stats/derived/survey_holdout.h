/* Invited against held-out people: of both groups the share with `yes`, Newcombe's interval of the difference and its test, per
 * period and group of the other dimensions. Both groups were drawn by lot before anybody was asked, so that a difference is what the
 * invitation did. */
#ifndef STATS_DERIVED_SURVEY_HOLDOUT_H
#define STATS_DERIVED_SURVEY_HOLDOUT_H

#include "stats/derived/findings.h"

void survey_holdout_add(struct release *release, const struct panel *panel, const struct derived_spec *spec, struct findings *findings);

#endif
