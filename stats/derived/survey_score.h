/* The score of a survey's question in one line of a panel: NPS, satisfied share or mean, with its interval and what a comparison
 * of two independent groups needs. Sums of released figures: nothing is estimated. */
#ifndef STATS_DERIVED_SURVEY_SCORE_H
#define STATS_DERIVED_SURVEY_SCORE_H

#include "core/strbuf.h"
#include "stats/derived/survey_tally.h"

struct score {
    double n, value, low, high;
    double good, bad; /* counts; of a mean good = its variance */
};

struct score score_of_counts(enum survey_kind kind, double n, double good, double bad);

/* Of one line and period; false where not all that it needs is released. */
bool score_line(const struct panel *panel, const struct derived_spec *spec, size_t line, size_t period, struct score *out);
/* Of all periods of the line in which it is released whole; false where there is none. */
bool score_all(const struct panel *panel, const struct derived_spec *spec, size_t line, struct score *out);

/* First less second, and two-sided p. NAN where there is none. */
void score_compare(enum survey_kind kind, const struct score *first, const struct score *second, double *difference, double *p);

/* From the lowest to the highest possible score; INFINITY where that is not known. */
double score_range(const struct panel *panel, const struct derived_spec *spec);

/* What a table of findings calls the score: recommend_nps, satisfaction_csat, effort_mean. */
void score_name(const struct derived_spec *spec, struct strbuf *out);

#endif
