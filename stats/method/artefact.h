/* Signs that a series of counts ends or begins with incomplete data rather than with a change: where an extract was cut,
 * counts fall from their level to a fraction of it within a period or two and never come back. A rule with stated bounds, not a
 * test. */
#ifndef STATS_METHOD_ARTEFACT_H
#define STATS_METHOD_ARTEFACT_H

#include "stats/method/method.h"

enum artefact_side { ARTEFACT_END, ARTEFACT_BEGINNING };

struct artefact {
    bool found;
    size_t last_sound, first_doubtful;  /* on either side of the fall; going back from the end for a beginning */
    double sound_level, doubtful_level; /* medians */
};

/* Looks, going towards the side, for a period from which on all counts stay below a quarter of the median of the two
 * or more periods before it, and which itself holds less than half of the period before it. Missing periods are skipped.
 * Needs 3 present values. EMPTY, TOO_SHORT, CONSTANT, OUT_OF_RANGE. */
enum method_reason artefact_scan(const struct series *counts, enum artefact_side side, struct artefact *out);

#endif
