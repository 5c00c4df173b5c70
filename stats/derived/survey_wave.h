/* Results by the number of the survey's wave: surveys/<table>_waves.csv, for tables whose `survey` names a `wave`. A wave's answers
 * may lie in several periods; they are added up over those in which they are released whole. Each wave is compared with
 * the one before it; p values are adjusted over the table. */
#ifndef STATS_DERIVED_SURVEY_WAVE_H
#define STATS_DERIVED_SURVEY_WAVE_H

#include "stats/derived/findings.h"

void survey_wave_add(struct release *release, const struct panel *panel, const struct derived_spec *spec, struct findings *findings);

#endif
