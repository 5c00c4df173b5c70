/* Results of survey questions, from the released tables that have their answers: surveys/<table>.csv.
 *
 *   nps          promoters less detractors, adjusted Wald interval      of a dimension with 0..10, or promoter, passive, detractor
 *   csat         share of 4 and 5, Wilson interval                      of a dimension with 1..5, or satisfied, other
 *   mean         mean with its normal interval (CES, scales, numbers)   of a measure with mean and sd
 *   disposition  AAPOR's rates and whether answers mirror the invited   of a dimension complete, partial, refusal, unreachable, no_reply
 *   holdout      invited against held-out people                        of a dimension yes, no and one invited, held_out
 *
 * Each group and period is compared with the period before and with the rest of its parent group; p values are adjusted together
 * (Benjamini-Hochberg). The total is also weighted by raking the groups to those of a released table of the population, where one
 * is named. A figure stands only where all categories that it needs are released: absent ones have no cases only where the
 * others make up the whole. What the newest period (or wave, surveys/<table>_waves.csv) says is handed to the findings. */
#ifndef STATS_DERIVED_SURVEY_RESULT_H
#define STATS_DERIVED_SURVEY_RESULT_H

#include "stats/derived/derived_config.h"
#include "stats/derived/findings.h"
#include "stats/derived/panel.h"

void survey_result_add(struct release *release, const struct panel *panel, const struct panel *population, const struct derived_spec *spec,
                       struct findings *findings);

#endif
