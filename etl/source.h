/* What the configuration says of a source of closed cases (`sources.<name>`), compiled: column names, rules and mappings.
 * Built once by sources_compile(), read-only afterwards, valid until sources_free(). Texts that come from the
 * configuration live as long as the configuration. */
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
enum source_case { CASE_KEEP, CASE_LOWER, CASE_UPPER };

/* Where an instant of a case comes from: one of the case's own times, or a column of its own. */
enum source_time_role { TIME_OPENED, TIME_CLOSED, TIME_UPDATED, TIME_COLUMN };
struct source_time {
    enum source_time_role role;
    const char *column; /* for all but a role that the source does not have: NULL */
};

/* Identifiers that identify nobody, normalised by one identifier's rules; sorted for source_is_denied(). */
struct source_denied {
    const struct slice *list;
    size_t count;
};

struct source_identifier {
    const char *name, *column;
    enum identifier_kind kind;
    const char *country, *country_column; /* for phones: fixed, or where the row says it; may be NULL */
    struct source_denied denied;
};

struct source_consent { /* what depends on it is kept only where the column holds one of the values (P6) */
    const char *name, *column;
    const char *const *values;
    size_t value_count;
};

struct source_opt_in { /* what a flag of the export says about being asked on a channel */
    const char *channel; /* email, phone, chat, social */
    const char *column;
    const char *const *values, *const *withdrawn; /* texts that mean yes, and that mean no longer */
    size_t value_count, withdrawn_count;
    const char *given_at;                    /* column, or NULL: the last change, else the closing */
    const char *purpose, *text_version;      /* text_version may be NULL */
    const struct source_identifier *address; /* holds the address on the channel */
};

struct source_bands;      /* etl/bands.h */
struct source_vocabulary; /* etl/vocabulary.h */

struct source_dimension {
    const char *name;
    enum dimension_kind kind;
    bool sensitive;                 /* protection asks for variety in it (PROTECTION.md) */
    const char *const *level_names; /* one per level, outermost first; never fewer than one */
    size_t level_count;
    /* category: the columns, outermost first, or the one column of a hierarchy; band of a number, age: the one column */
    const char *const *columns;
    size_t column_count;
    struct source_vocabulary *vocabulary; /* category */
    const struct source_bands *bands;     /* band, age */
    bool is_duration;                     /* band of a duration: */
    struct source_time from, to;
    int64_t unit_seconds;
    struct source_time at;                /* age: the day that counts (opened or closed) */
    const char *period;                   /* period: month, quarter, week, weekday, year */
    bool of_opened;                       /*         of opened_at instead of closed_at */
    const char *missing_as;               /* label of a missing value, "(missing)" by default */
    const struct source_consent *consent; /* or NULL */
    unsigned char definition[32];         /* digest of all that makes its values: the node, the hierarchy file */
    const struct config_node *node;
};

struct source_measure {
    const char *name, *unit; /* unit may be NULL */
    const char *column;      /* NULL for a duration */
    bool is_duration, is_score, has_range, has_share;
    struct source_time from, to; /* duration */
    int64_t unit_seconds;
    int decimals;
    int64_t lowest, highest;             /* × 10^decimals */
    int64_t share_lowest, share_highest; /* score: the values whose share is published; × 10^decimals */
    enum source_rule out_of_range;
    const struct source_consent *consent; /* or NULL */
    const struct config_node *node;
};

struct source {
    const char *name, *files; /* glob in inbox/ */
    enum source_expect expect;
    enum source_delivery delivery;
    enum source_person person;
    bool personal;
    char delimiter;
    bool decimal_comma;
    const char *encoding; /* NULL: UTF-8 */
    const char *case_id;  /* columns; case_id may be NULL only where no personal data is: each row is a case */
    const char *opened_at, *closed_at, *updated_at, *controller; /* all but closed_at may be NULL */
    const char *closed_column; /* closed_when; NULL: a case is closed when closed_at is set */
    const char *const *closed_values;
    size_t closed_value_count;
    const char *const *missing; /* texts that mean "no value"; the empty text always does */
    size_t missing_count;
    struct date_format *const *dates;
    size_t date_count;
    int64_t max_reject_rows; /* -1: no limit */
    double max_reject_percent;
    double max_loss_percent; /* snapshot: share of the window's cases that may vanish */
    enum source_rule opened_after_closed, closed_in_future;
    enum source_rule unreadable_date, unreadable_number, unusable_identifier; /* reject or blank */
    int64_t max_persons;     /* an identifier that would join more persons is set aside */
    int64_t keep_input_days; /* 0: unlink the input after the commit */
    int64_t minimum_age_s;   /* an inbox file without .ok is complete after this age; -1: needs .ok */
    const struct source_identifier *identifiers;
    size_t identifier_count;
    const char *const *retired; /* identifiers that it had and no file has any more; nobody is asked for them */
    size_t retired_count;
    const struct source_consent *consents;
    size_t consent_count;
    const struct source_opt_in *opt_ins;
    size_t opt_in_count;
    const char *contact_language, *contact_country; /* columns, or NULL */
    const struct source_dimension *dimensions;
    size_t dimension_count;
    const struct source_measure *measures;
    size_t measure_count;
    const struct config_node *node;
};

struct sources {
    const struct source *list;
    size_t count;
    const struct zone *zone; /* the workspace's, borrowed */
    const char *country;     /* or NULL */
    const char *const *controllers;
    size_t controller_count; /* 0: none are named */
    struct arena *arena;
};

/* The keys below `sources`, for config_check() and docs/configuration.md. */
extern const struct config_rule source_config_rules[];

/* Compiles all sources. Problems go to config_problem(); the result counts only if config_result() is 0. `folder` is
 * where hierarchy files lie; `zone` must outlive the result. */
void sources_compile(struct sources **sources, struct config *config, const char *folder, const struct zone *zone);
void sources_free(struct sources *sources); /* NULL is fine */
const struct source *source_find(const struct sources *sources, const char *name);

/* Whether a normalised identifier is one that the configuration says identifies nobody. */
bool source_is_denied(const struct source_identifier *identifier, struct slice normalised);

#endif
