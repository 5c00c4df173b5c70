/* What the configuration says of a source of closed cases (`sources.<name>`), compiled: column names, rules and mappings.
 * Built once by sources_compile(), read-only afterwards, valid until sources_free(). */
#ifndef ETL_SOURCE_H
#define ETL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/calendar.h"
#include "core/config.h"
#include "core/err.h"
#include "core/text.h"

enum source_delivery { SOURCE_DELTA, SOURCE_SNAPSHOT };
enum source_expect { SOURCE_EXPECT_NONE, SOURCE_EXPECT_DAILY, SOURCE_EXPECT_WEEKLY, SOURCE_EXPECT_MONTHLY };
enum source_person { SOURCE_PERSON_IDENTIFIERS, SOURCE_PERSON_NONE }; /* NONE: every case stands for one */
enum source_rule { RULE_REJECT, RULE_BLANK, RULE_KEEP };              /* what to do with a value that breaks a rule */
enum dimension_kind {
    DIMENSION_CATEGORY, /* one or more columns, outermost first, or a column with a hierarchy file */
    DIMENSION_BAND,     /* bands of a number or a duration */
    DIMENSION_AGE,      /* age band of a birth date at a date */
    DIMENSION_PERIOD,   /* month, quarter, week, weekday, year of closed_at or opened_at: derived from the stored day */
};
enum text_case { CASE_KEEP, CASE_LOWER, CASE_UPPER };

struct source_identifier {
    const char *name, *column;
    enum identifier_kind kind;
    const char *country, *country_column; /* for phones */
};

struct source_consent { /* the column is kept only where the consent column holds one of the values (P6) */
    const char *column;
    const char *const *values;
    size_t value_count;
};

struct source_dimension {
    const char *name;
    enum dimension_kind kind;
    const char *const *columns;     /* category: one per level; band, age: one (duration: two) */
    size_t column_count;
    const char *const *level_names; /* one per level, outermost first */
    size_t level_count;
    enum text_case fold;
    const struct config_node *rename, *allow; /* maps and lists as configured, or NULL */
    const struct config_node *bands;
    const char *missing_as;         /* label of a missing value, "(missing)" by default */
    const struct config_node *hierarchy_node; /* the file child,parent, or NULL; lies beside fallzahl.yaml */
    bool is_duration, of_opened;    /* band of a duration; period of opened_at instead of closed_at */
    const char *period;             /* month, quarter, week, weekday, year */
    double unit_seconds;            /* durations: seconds in one unit */
    const struct source_consent *consent;
    unsigned char definition[32];   /* digest of all that makes its values: the node and the hierarchy file */
    const struct config_node *node;
};

struct source_measure {
    const char *name, *unit, *column;
    bool is_duration, is_score, has_range;
    double unit_seconds;
    int decimals;
    int64_t lowest, highest;        /* × 10^decimals */
    enum source_rule out_of_range;
    const struct source_consent *consent;
    const struct config_node *node;
};

struct source {
    const char *name, *files; /* glob in inbox/ */
    enum source_expect expect;
    enum source_delivery delivery;
    enum source_person person;
    bool personal;
    char delimiter;
    const char *encoding;
    const char *case_id, *opened_at, *closed_at, *updated_at, *controller; /* columns; some may be NULL */
    const char *closed_column;      /* closed_when; NULL: a case is closed when closed_at is set */
    const char *const *closed_values;
    size_t closed_value_count;
    const char *const *missing;     /* texts that mean "no value"; the empty text always does */
    size_t missing_count;
    struct date_format *const *dates;
    size_t date_count;
    int64_t max_reject_rows;        /* -1: no limit */
    double max_reject_percent;
    double max_loss_percent;        /* snapshot: share of the window's cases that may vanish */
    enum source_rule opened_after_closed, closed_in_future;
    int64_t max_persons;            /* an identifier that would join more persons is set aside */
    const char *const *denied;      /* identifiers that identify nobody, as configured */
    size_t denied_count;
    int64_t keep_input_days;        /* 0: unlink the input after the commit */
    int64_t minimum_age_s;          /* an inbox file without .ok is complete after this age; -1: needs .ok */
    const struct source_identifier *identifiers;
    size_t identifier_count;
    const struct source_dimension *dimensions;
    size_t dimension_count;
    const struct source_measure *measures;
    size_t measure_count;
};

struct sources {
    const struct source *list;
    size_t count;
    const struct zone *zone; /* the workspace's */
    const char *country;
    struct arena *arena;
};

/* The keys below `sources`, for config_check() and docs/configuration.md. */
extern const struct config_rule source_config_rules[];

/* Compiles all sources. Problems go to config_problem(); the result counts only if config_result() is 0. `folder` is
 * where hierarchy files lie. */
void sources_compile(struct sources **sources, struct config *config, const char *folder);
void sources_free(struct sources *sources);
const struct source *source_find(const struct sources *sources, const char *name);

#endif
