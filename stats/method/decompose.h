/* Classical decomposition by moving averages (Kendall & Stuart 1983), as R's decompose(): the trend is a centred moving
 * average over one cycle; the figure is the mean of each season after the trend is taken out, centred on 0 (additive) or
 * 1 (multiplicative). */
#ifndef STATS_METHOD_DECOMPOSE_H
#define STATS_METHOD_DECOMPOSE_H

#include "stats/method/method.h"

enum decompose_kind { DECOMPOSE_ADDITIVE, DECOMPOSE_MULTIPLICATIVE };

/* The seasonal figure into figure[0..season), season 0 first, and, unless NULL, the trend into trend[0..n), NAN in the
 * half cycle at either end. Needs two full cycles without gaps; multiplicative values must be above 0.
 * GAPS, TOO_FEW_CYCLES, CONSTANT, OUT_OF_RANGE. */
enum method_reason decompose(const struct series *series, enum decompose_kind kind, double *figure, double *trend);

#endif
