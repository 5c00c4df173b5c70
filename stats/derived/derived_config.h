/* What the configuration says of derived tables. Built once, read-only afterwards; points into the configuration. */
#ifndef STATS_DERIVED_DERIVED_CONFIG_H
#define STATS_DERIVED_DERIVED_CONFIG_H

#include "core/config.h"
#include "core/mem.h"
#include "stats/derived/denominator.h"
#include "stats/table_config.h"

/* Two scores that belong together. */
struct derived_pair {
    const char *name, *expected, *experienced; /* measures of the table */
};

enum survey_kind { SURVEY_KIND_NONE, SURVEY_KIND_NPS, SURVEY_KIND_CSAT, SURVEY_KIND_MEAN, SURVEY_KIND_DISPOSITION, SURVEY_KIND_HOLDOUT };

struct derived_spec {
    const char *table, *source;
    const char *share_of;  /* a dimension, or NULL */
    bool share_is_ordered; /* its categories are bands of a number: ranks mean something */
    bool autocorrelation;  /* correct trends for it */
    size_t horizon;        /* periods that are forecast */
    const struct derived_pair *pairs;
    size_t pair_count;
    struct denominator *denominators;
    size_t denominator_count;
    enum survey_kind survey;       /* what the table has of a survey */
    const char *survey_answer;     /* a dimension, or for a mean a measure */
    const char *survey_missing;    /* label of those who did not answer the question */
    const char *survey_population; /* a table, or NULL */
    const char *survey_wave;       /* a dimension with the waves' numbers, or NULL */
    const char *survey_group;      /* of a holdout: the dimension with invited and held_out */
};

struct derived_config {
    struct arena arena;
    const struct derived_spec *specs; /* per configured table */
    size_t count;
    double finding_rate;
    size_t finding_most;
};

/* The keys, for config_check() and docs/configuration.md. */
extern const struct config_rule derived_config_rules[];

/* Problems go to config_problem(); the result counts only if config_result() is 0. */
void derived_config_compile(struct derived_config **config, struct config *file, const struct table_config *tables);
void derived_config_free(struct derived_config *config); /* NULL is fine */

/* Reads the denominators' files, which are named from the workspace folder. ERR_NOINPUT, ERR_DATA. */
int derived_config_load(struct derived_config *config, const char *folder, struct err *err);

/* After a load: do the denominators' columns fit the released tables? ERR_DATA. */
int derived_config_fits(const struct derived_config *config, const struct release *release, struct err *err);

/* The spec of a released table, or NULL. */
const struct derived_spec *derived_config_find(const struct derived_config *config, const char *table);

#endif
