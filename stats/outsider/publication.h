/* Published tables as an outsider reads them: from the files alone. Columns before the count column are dimensions.
 * After it, of a measure m: `<m>_n` is the number of its contributors; `<m>_mean` (times n) and `<m>_sum` give its
 * sum and `<m>_share` (times n) the number of contributors within a range, each known to half a unit of its last
 * written digit. Other columns are not read. Rows with the reserved value for what is withheld state a published
 * parent less its published children, so they say nothing new; they are kept apart. */
#ifndef STATS_OUTSIDER_PUBLICATION_H
#define STATS_OUTSIDER_PUBLICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "stats/outsider/impossible.h"
#include "stats/outsider/space.h"

enum { PUBLICATION_CASES = 0, PUBLICATION_MAX_FIGURES = 64 };

struct publication_options {
    const char *count;            /* name of the count column */
    const char *total, *withheld; /* reserved values of dimensions */
    const char *const *levels;    /* each "outer,inner": columns that are levels of one hierarchy */
    size_t level_count;
    bool closed;                  /* dimensions have no values but those seen, whatever the package says */
    const char *source;           /* only tables of this source, and those of which none is named; NULL: sources are listed only */
};

/* A quantity that adds up over cells: figure 0 is the count of cases. */
struct publication_figure {
    char *name;
    bool sum;            /* of a measure, else a count */
    size_t contributors; /* of a sum: the figure that counts its contributors */
    bool bounded;        /* lowest·n <= sum <= highest·n */
    double lowest, highest;
};

struct publication_axis {
    size_t dimension;
    uint32_t levels; /* bit l: the table holds nodes of level l (space.h); bit 0: totals */
};

struct publication_table {
    char *name;     /* path of the file */
    size_t release; /* which argument it belongs to, from 0 */
    struct publication_axis *axes;
    size_t axis_count;
    size_t *figures; /* indexes of its figures; [0] is PUBLICATION_CASES */
    size_t figure_count;
    uint32_t *nodes;    /* row × axis; at a withheld axis the parent whose remainder the row is */
    uint32_t *withheld; /* per row: bit a: the reserved value stands on axis a */
    double *low, *high; /* row × figure; NaN: not given */
    size_t row_count, row_capacity;
};

struct publication {
    struct space space;
    struct impossibles impossibles; /* what cannot be, by the packages or as the caller knows */
    struct publication_figure figures[PUBLICATION_MAX_FIGURES];
    size_t figure_count;
    struct publication_table *tables;
    size_t table_count, table_capacity;
    size_t release_count;
    const struct publication_options *options;
    struct names sources; /* that tables are said to be of, in the order of arrival */
    char *unnamed;        /* a table of which no source is named, or NULL */
    size_t passed_over;   /* tables that are not of the source */
    char **ignored; /* files without a count column */
    size_t ignored_count, ignored_capacity;
};

/* `options` must live as long as the publication. */
void publication_init(struct publication *publication, const struct publication_options *options);
void publication_release(struct publication *publication);

/* Reads one release: a folder (its tables/ if it has one, else its own *.csv) or one CSV file. ERR_NOINPUT if it
 * holds no table at all, ERR_DATA for a count that is no whole number from 0 or a dimension that stands twice. */
int publication_read(struct publication *publication, const char *path, struct err *err);

#endif
