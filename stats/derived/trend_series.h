/* The series of a panel: for each line its cases, its share where the table has `share_of`, its rates where there are
 * denominators, and each published figure that has a level (means, medians, quantiles, shares of scores; not n, sums and standard
 * deviations). */
#ifndef STATS_DERIVED_TREND_SERIES_H
#define STATS_DERIVED_TREND_SERIES_H

#include "stats/derived/derived_config.h"
#include "stats/derived/panel.h"
#include "stats/derived/span.h"
#include "stats/method/method.h"

enum { TREND_MAX_HORIZON = 24, TREND_MAX_SEASON = 53 };

enum trend_kind {
    TREND_CASES,
    TREND_SHARE,  /* cases out of the group's cases */
    TREND_RATE,   /* cases per exposure */
    TREND_FIGURE, /* a published figure */
};

struct trend_series {
    enum trend_kind kind;
    size_t line;
    const char *figure;     /* "cases", "share", "cases_per_orders", "satisfaction_mean" */
    double lowest, highest; /* what the figure can be; infinite where nothing bounds it */
    struct series series;
    double *values;             /* the same, from the panel's first period */
    double *counts, *exposures; /* of shares and rates: value = counts / exposures × scale; else NULL */
    double scale;
    struct span_measure measure; /* of a mean: where n and sd stand; else n_column is PANEL_NONE */
    size_t share_of;             /* of a share: the dimension of the category */
    double weight;               /* the cases that it speaks for, of all cases of the table */
};

struct trend_list {
    struct arena arena;
    struct trend_series *list;
    size_t count, capacity;
};

/* Only the periods first .. last are filled, the others are missing. Lines of withheld remainders have no series, nor have
 * figures without a single value. */
void trend_list_init(struct trend_list *list, const struct panel *panel, const struct derived_spec *spec,
                     struct span usable);
void trend_list_clear(struct trend_list *list);

#endif
