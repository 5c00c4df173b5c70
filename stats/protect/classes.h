/* Unknowns that no figure tells apart are one unknown: their sum. A class holds unknowns that stand in the same rows
 * with the same coefficients; singletons are kept apart from others, and where persons matter from other persons'. */
#ifndef STATS_PROTECT_CLASSES_H
#define STATS_PROTECT_CLASSES_H

#include "stats/protect/primary.h"

struct classes {
    uint32_t *of;        /* per unknown; PROTECT_NONE: known zero, or in no row at all */
    size_t count;
    int64_t *cases;      /* per class */
    bool *singleton;     /* per class: all of its unknowns hold exactly one person */
};

/* Over the given rows. */
void classes_find(struct classes *classes, const struct protect_problem *problem, const struct protect_view *views,
                  size_t count);
void classes_release(struct classes *classes);

#endif
