/* Counts of answers by what they mean, of one line of a panel in one period. */
#ifndef STATS_DERIVED_SURVEY_TALLY_H
#define STATS_DERIVED_SURVEY_TALLY_H

#include "stats/derived/derived_config.h"
#include "stats/derived/panel.h"

enum tally_class { TALLY_GOOD, TALLY_BAD, TALLY_OTHER, TALLY_COMPLETE, TALLY_PARTIAL, TALLY_REFUSAL, TALLY_UNREACHABLE, TALLY_NO_REPLY, TALLY_CLASSES };

struct tally {
    double n;
    double classes[TALLY_CLASSES];
};

enum tally_class tally_class_of(enum survey_kind kind, const char *label);

/* The panel's dimension of that name, or PANEL_NONE. */
size_t tally_dimension(const struct panel *panel, const char *name);
/* The label of a line in a dimension, at its first level. */
const char *tally_label(const struct panel *panel, size_t line, size_t dimension);

/* Of what is asked: kind, the dimension with its categories, and the label of those who gave no answer, who are not counted (or NULL). */
struct tally_question {
    enum survey_kind kind;
    size_t dimension;
    const char *missing;
};

/* False where the line is not released, not all of its categories are, or nobody answered. */
bool tally_of(const struct panel *panel, const struct tally_question *question, size_t line, size_t period, struct tally *out);

#endif
