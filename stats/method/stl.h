/* Seasonal-trend decomposition by loess (Cleveland, Cleveland, McRae & Terpenning 1990), the same steps as R's stl():
 * seasonal + trend + remainder = value in every period. One difference: the robustness weights rest on the median absolute
 * remainder as in the paper; R's stl() picks a wrong order statistic in about half of the series of even length. */
#ifndef STATS_METHOD_STL_H
#define STATS_METHOD_STL_H

#include "stats/method/method.h"

struct stl_options {
    size_t seasonal_window; /* span over the years for each season, odd, at least 7; 0: periodic, the same every year */
    bool robust;            /* bisquare weights, 15 rounds: outliers stay in the remainder */
};

struct stl {
    size_t n;
    double *seasonal, *trend, *remainder, *weights; /* n each; weights are 1 unless robust */
};

/* Needs more than two full cycles without gaps: GAPS, TOO_FEW_CYCLES, CONSTANT, OUT_OF_RANGE. Free with stl_free(). */
enum method_reason stl_decompose(const struct series *series, struct stl_options options, struct stl *out);
void stl_free(struct stl *stl);

#endif
