/* The cube: every cell of every table of a source, margins and hierarchy levels included, from one pass over
 * its rows.
 *
 * Laws. The result is a function of the rows alone: not of their order within a person, of the parts or of
 * the threads. Partials of disjoint sets of persons merge exactly. All figures are exact, quantiles included.
 *
 * Method. A person's rows are gathered into inner cells per table and period. A person with a single inner
 * cell is counted there alone; once all is read those cells are rolled up, because distinct persons of
 * disjoint sets of persons add up. The few with several inner cells in a period are added, once each, to
 * every cell that they are part of. */
#ifndef STATS_CUBE_H
#define STATS_CUBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "stats/cellmap.h"
#include "stats/layout.h"
#include "stats/rows.h"

enum { CUBE_MAX_QUANTILES = 5 };

struct cube_measure {
    const char *name;
    int decimals;
    bool has_share;
    int64_t share_lowest, share_highest; /* scaled; values in it count for the share */
};

struct cube_table_measure {
    size_t measure;                   /* index into the plan's measures and the rows' values */
    int percents[CUBE_MAX_QUANTILES]; /* 1..99 */
    size_t percent_count;
    int64_t base; /* quantiles are rounded to multiples of it; scaled, >= 1 */
};

struct cube_table_plan {
    const size_t *dimensions; /* indices into the plan's dimensions; the first is the period */
    size_t dimension_count;   /* at most LAYOUT_MAX_DIMENSIONS */
    bool margins;
    const struct cube_table_measure *measures;
    size_t measure_count;
};

/* Lives as long as the cube. */
struct cube_plan {
    const struct dimension *dimensions;
    size_t dimension_count;
    const struct cube_measure *measures;
    size_t measure_count;
    const struct cube_table_plan *tables;
    size_t table_count;
    uint64_t k;             /* quantiles are means of k persons' values; none where fewer contribute */
    size_t threads;         /* 0: the processors online */
    size_t quantile_budget; /* bytes held at once for quantiles, some seven a value; more take further
                               passes. 0: CUBE_QUANTILE_BUDGET */
};
#define CUBE_QUANTILE_BUDGET ((size_t)16 << 20)

struct cube_table {
    const struct cube_table_plan *plan;
    struct layout layout;
    struct cellmap cells; /* sorted by key: in the order of rows. Only cells with cases */
    int64_t *quantiles;   /* per cell quantile_count, scaled; meaningful where the measure has k contributors */
    size_t quantile_count;
};

struct cube {
    const struct cube_plan *plan;
    struct cube_table *tables; /* as in the plan */
};

/* ERR_DATA: a table is too wide (see layout.h), a sum too large; ERR_AGAIN: the rows changed between two
 * passes. */
int cube_build(struct cube **cube, const struct cube_plan *plan, const struct row_source *rows, struct err *err);
void cube_free(struct cube *cube);

/* The i-th quantile of the table's m-th measure. */
int64_t cube_quantile(const struct cube_table *table, size_t cell, size_t m, size_t i);

/* The union of several cells of one table and period, as if it were a cell: distinct persons are counted
 * once. */
struct cube_union {
    size_t table;
    const uint32_t *members; /* indices of cells; an inner cell may be part of several */
    size_t count;
    struct cell *cell; /* the result; its key is the index of the union */
};

struct cube_unions {
    struct cube_union *list;
    size_t count, capacity;
    struct cellmap *results; /* per table; where the unions' cells live */
    size_t tables;
};

/* Computes all unions in one more pass over the rows (none if there are none). */
int cube_unite(const struct cube *cube, const struct row_source *rows, struct cube_unions *unions, struct err *err);
void cube_unions_add(struct cube_unions *unions, size_t table, const uint32_t *members, size_t count);
void cube_unions_release(struct cube_unions *unions);

#endif
