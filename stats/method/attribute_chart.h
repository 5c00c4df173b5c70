/* Control charts for shares (p) and rates per exposure (u) (Shewhart 1931, Montgomery 2009), with limits that follow each
 * period's exposure. Where the periods vary more than binomial or Poisson chance, the limits are widened by Laney's sigma z (2002:
 * p', u'): the moving ranges of the standardised rates over 1.128; never narrowed. */
#ifndef STATS_METHOD_ATTRIBUTE_CHART_H
#define STATS_METHOD_ATTRIBUTE_CHART_H

#include "stats/method/method.h"

enum attribute_kind { ATTRIBUTE_P, ATTRIBUTE_U };

/* Counts out of (p) or per (u) exposures, a period each; NAN in either: missing. */
struct attribute_series {
    const double *counts, *exposures;
    size_t n;
    enum attribute_kind kind;
};

struct attribute_chart {
    size_t n;          /* periods that the centre rests on */
    double centre;     /* sum of counts / sum of exposures */
    double dispersion; /* sigma z; 1 is what chance alone gives */
    double low, high;  /* three-sigma limits for `exposure` */
};

/* Centre and dispersion from the series; limits for a period of the given exposure, kept within 0 (and 1).
 * Needs 4 periods. EMPTY, TOO_SHORT, NO_EXPOSURE, CONSTANT (no events at all, or nothing else), OUT_OF_RANGE. */
enum method_reason attribute_chart(const struct attribute_series *series, double exposure, struct attribute_chart *out);

#endif
