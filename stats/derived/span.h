/* Successive periods of a panel taken together: one period, or the last cycle (twelve months, four quarters, 52 weeks). */
#ifndef STATS_DERIVED_SPAN_H
#define STATS_DERIVED_SPAN_H

#include "stats/derived/panel.h"

struct span {
    size_t first, last; /* periods, both inclusive */
};

/* Each period of the panel, and after them, if there are at least two, the last cycle or what there is of it; to be freed. */
struct span *spans_of(const struct panel *panel, size_t *count);
/* The last of these. */
struct span span_latest(const struct panel *panel);
bool span_is_single(struct span span);

/* "2026-01", or after ISO 8601 "2025-02/2026-01". */
enum { SPAN_LABEL_BYTES = 40 };
void span_label(const struct panel *panel, struct span span, char label[SPAN_LABEL_BYTES]);

/* Sums the cases of `count` lines over the periods of the span in which all of them are published; returns how many periods
 * these are. A line that is PANEL_NONE is left out and its sum is NAN. */
size_t span_sum(const struct panel *panel, struct span span, const size_t *lines, size_t count, double *sums);

/* A measure of a table: where its n, mean and standard deviation stand; sd is PANEL_NONE if it is not published. */
struct span_measure {
    size_t n_column, mean_column, sd_column;
};
/* The measure whose mean stands in the column; false if there is none. */
bool span_measure_at(const struct panel *panel, size_t column, struct span_measure *out);
bool span_measure_find(const struct panel *panel, const char *name, struct span_measure *out);

/* n, mean and standard deviation of all values of a span together. sd is NAN unless it is published in all periods. */
struct span_moments {
    double n, mean, sd;
};
/* A measure of a line. */
struct span_part {
    size_t line;
    const struct span_measure *measure;
};
/* Of `count` parts, over the periods in which n and mean of all of them are published; returns how many these are. */
size_t span_moments(const struct panel *panel, struct span span, const struct span_part *parts, size_t count,
                    struct span_moments *out);

#endif
