/* Published figures of a cell's values, in the measure's unit. What a cell holds is exact; only these last steps round. */
#ifndef STATS_FIGURE_H
#define STATS_FIGURE_H

#include "stats/cell.h"

/* Of n >= 1 values, scaled by 10^decimals. */
double figure_sum(const struct cell_sum *sum, int decimals);
double figure_mean(const struct cell_sum *sum, int decimals);
double figure_share(const struct cell_sum *sum);

/* The sample's standard deviation; of n >= 2 values. */
double figure_sd(const struct cell_sum *sum, int decimals);

/* A scaled value in the unit, and a value of the unit scaled (halves away from zero). */
double figure_unscale(int64_t scaled, int decimals);
int64_t figure_scale(double value, int decimals);

#endif
