/* What the configuration says of tables and their protection (`tables`, `protection`), compiled. Built once
 * by table_config_compile(), read-only afterwards, valid until table_config_free() and as long as the
 * configuration, whose texts it points to. */
#ifndef STATS_TABLE_CONFIG_H
#define STATS_TABLE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config.h"
#include "core/mem.h"
#include "stats/period.h"
#include "stats/structural.h"
#include "stats/waiver.h"

enum { TABLE_K_DEFAULT = 10, TABLE_K_FLOOR = 5, TABLE_MAX_BY = 8 };

enum table_figure {
    TABLE_SUM,
    TABLE_MEAN,
    TABLE_SD,
    TABLE_MEDIAN,
    TABLE_Q10,
    TABLE_Q25,
    TABLE_Q75,
    TABLE_Q90,
    TABLE_SHARE,
    TABLE_FIGURES
};

/* The name in the configuration and after the underscore in a column; and the percent of a quantile, else 0.
 */
const char *table_figure_name(enum table_figure figure);
int table_figure_percent(enum table_figure figure);

/* What a dimension is in the tables of a survey (`tables.*.survey`), of answers, of what became of invitations, or of a holdout; see stats/counterpart.h. */
enum table_role { TABLE_ROLE_NONE, TABLE_ROLE_ANSWER, TABLE_ROLE_ANSWERED, TABLE_ROLE_DISPOSITION, TABLE_ROLE_INVITED, TABLE_ROLE_COMPARED };

struct table_dimension {
    const char *name;
    enum table_role role;
    bool is_period, of_opened, sensitive;
    enum period_kind kind;          /* of a period */
    const char *const *level_names; /* outermost first; how many levels there are, the store knows */
    size_t level_count;             /* 0: not named */
};

struct table_measure {
    const char *name;
    unsigned figures; /* bit 1 << enum table_figure */
    bool has_share;   /* the measure states a range whose share can be published: */
    double share_lowest, share_highest;
    double quantile_base; /* in the measure's unit; 0: its smallest step */
};

struct table_spec {
    const char *name, *title, *source;
    const struct table_dimension *dimensions; /* the period, then `by` */
    size_t dimension_count;
    const struct table_dimension *wave; /* of rows that a survey hands over, also where it is none of `dimensions`; NULL: of no survey */
    bool margins;
    const struct table_measure *measures;
    size_t measure_count;
    size_t share_of; /* index into dimensions; 0: none */
    const struct structural_zeros *zeros; /* of all sources; NULL: none */
    const struct waivers *waivers;        /* of all tables; NULL: none */
    const struct config_node *node;
};

struct table_config {
    struct arena arena;
    int64_t k;
    struct structural_zeros zeros;
    struct waivers waivers;
    const struct table_spec *tables; /* in the order of the configuration */
    size_t count;
};

/* The keys below `tables` and `protection`, for config_check() and docs/configuration.md. */
extern const struct config_rule stats_config_rules[];

/* Problems go to config_problem(); the result counts only if config_result() is 0. */
void table_config_compile(struct table_config **tables, struct config *config);
void table_config_free(struct table_config *tables); /* NULL is fine */

#endif
