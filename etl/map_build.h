/* The inside of a mapper, for etl/map*.c alone. */
#ifndef ETL_MAP_BUILD_H
#define ETL_MAP_BUILD_H

#include "core/mem.h"
#include "core/strbuf.h"
#include "etl/map.h"
#include "etl/text_map.h"
#include "etl/vocabulary.h"

enum { NO_COLUMN = -1 };

/* A date or instant of the row in work. */
struct map_time {
    bool present;
    struct date_read read;
};

struct map_bound_time {
    enum source_time_role role;
    int column; /* of TIME_COLUMN */
};

struct map_identifier {
    int column, country_column;
    struct strbuf normalised;
};

struct map_consent {
    int column;
    bool given; /* by the row in work */
};

/* A resolved value that is kept for the next row that has it. */
struct map_value {
    struct case_category category;
    bool not_allowed, unknown_in_hierarchy;
};

struct map_dimension {
    const struct source_dimension *is;
    int columns[SOURCE_MAX_LEVELS];
    struct map_bound_time from, to;
    struct map_consent *consent; /* or NULL */
    struct case_category missing;
    struct case_category *bands; /* per band */
    struct text_map values;      /* cells → struct map_value, at most MAPPER_MAX_VALUES of them */
    uint32_t last_id;
    struct vocabulary_work work; /* the labels of a value that is not kept */
    struct strbuf key;
};

struct map_measure {
    const struct source_measure *is;
    int column;
    struct map_bound_time from, to;
    struct map_consent *consent;
    const char *range_rule; /* measures.NAME.out_of_range */
};

struct map_opt_in {
    int column, given_at;
};

struct mapper {
    const struct sources *sources;
    const struct source *source;
    int64_t now;
    struct arena arena; /* wiped: holds labels before they are known to be harmless */
    size_t header_count, dropped_columns;
    const char **names; /* per column of the header: as configured, or NULL: dropped */
    int case_id, opened_at, closed_at, updated_at, controller, closed_column;
    struct map_identifier *identifiers;
    struct map_consent *consents;
    struct map_opt_in *opt_ins;
    int language, country;
    struct map_dimension *dimensions;
    struct map_measure *measures;
    struct map_counts counts;

    /* the row in work */
    const struct csv_record *record;
    struct map_reject *reject;
    struct strbuf case_id_text;
    struct map_time opened, closed, updated;
    struct case_identifier *row_identifiers;
    struct case_opt_in *row_opt_ins;
    struct case_category *row_categories;
    struct case_value *row_values;
};

/* The trimmed cell; text NULL if it is missing (or `column` is NO_COLUMN). */
struct slice map_cell(const struct mapper *mapper, int column);

/* Refuses the row in work: sets the reject; always false. `rule` is a key below the source's. */
bool map_refuse(struct mapper *mapper, enum map_code code, int column, const char *rule);
/* A broken value: false if the rule has the row refused; true, and counted, if the value is blanked. */
bool map_blank(struct mapper *mapper, enum source_rule what, enum map_code code, int column, const char *rule);

/* Reads the date of a column, by rules.unreadable_date. False: the row is refused. */
bool map_read_time(struct mapper *mapper, int column, struct map_time *time);
bool map_bound_time(struct mapper *mapper, const struct map_bound_time *bound, struct map_time *time);
/* Seconds from one to the other; whole days if one of them has no time of day. */
int64_t map_seconds(const struct map_time *from, const struct map_time *to);

/* Whether the trimmed cell is one of the texts. */
bool map_is_one_of(struct slice cell, const char *const *values, size_t count);

/* What the row says about surveys; needs its identifiers and times. */
bool map_read_opt_ins(struct mapper *mapper, struct case_row *row);
bool map_read_dimensions(struct mapper *mapper);
bool map_read_measures(struct mapper *mapper);

#endif
