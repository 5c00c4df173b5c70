/* A released table seen as series: a line is one combination of the dimensions other than the period, in every period
 * from the first to the last that the table shows. What the table does not show is missing, never zero.
 *
 * A panel is read-only and points into the release, which must outlive it. */
#ifndef STATS_DERIVED_PANEL_H
#define STATS_DERIVED_PANEL_H

#include "core/mem.h"
#include "stats/derived/timeline.h"
#include "stats/release.h"

#define PANEL_NONE SIZE_MAX

struct panel_dimension {
    const char *name;
    size_t column, levels; /* of the table: its first column and how many follow each other */
};

struct panel_line {
    const char *const *labels; /* one per dimension column after the period */
    const size_t *rows;        /* per period the table's row, or PANEL_NONE */
    bool withheld;             /* the remainder of withheld cells, which differ from period to period */
};

struct panel {
    struct arena arena;
    const struct released_table *table;
    const char *source; /* whose cases it counts, or NULL where that is not known */
    enum timeline_unit unit;
    int64_t first_period;
    size_t period_count, season;
    const struct panel_dimension *dimensions; /* without the period */
    size_t dimension_count, label_count;
    const struct panel_line *lines; /* in the order of the newest period, then the ended ones */
    size_t line_count;
    size_t total;                             /* the line of all totals, or PANEL_NONE */
    const size_t *parents;                    /* per line and dimension: the line one level up, or PANEL_NONE */
    const size_t *first_child, *next_sibling; /* per line and dimension */
    const size_t *depths;                     /* per line and dimension: levels that are not summed over */
};

/* NULL where the table has no rows or its first column holds no periods. */
struct panel *panel_new(const struct released_table *table, const char *source);
void panel_free(struct panel *panel);

void panel_period(const struct panel *panel, size_t period, char label[16]); /* also after the last */
void panel_season(const struct panel *panel, size_t period,
                  char label[16]); /* the part of the year: "12", "Q4", "W51" */

size_t panel_parent(const struct panel *panel, size_t line, size_t dimension);
size_t panel_depth(const struct panel *panel, size_t line, size_t dimension);

/* The lines one level below `line` along a dimension, the remainder of withheld cells left out: child = PANEL_NONE gives the
 * first, PANEL_NONE ends. */
size_t panel_child(const struct panel *panel, size_t line, size_t dimension, size_t child);

/* Index of the table's column, or PANEL_NONE. */
size_t panel_column(const struct panel *panel, const char *name);
/* A number with the decimals that are published, NAN where the row or its value is not there. */
double panel_value(const struct panel *panel, size_t line, size_t period, size_t column);

#endif
