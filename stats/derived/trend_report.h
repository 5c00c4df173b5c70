/* Hands the questions that a table's series answer to the findings: does it rise or fall or step, is its last period
 * unusual; and the table's artefacts. */
#ifndef STATS_DERIVED_TREND_REPORT_H
#define STATS_DERIVED_TREND_REPORT_H

#include "stats/derived/findings.h"
#include "stats/derived/trend_sheet.h"

void trend_report(struct findings *findings, const struct trend_view *view);

#endif
