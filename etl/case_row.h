/* One row of an export after mapping and validation: what the loader stores of it and nothing else. It is made by
 * mapper_map(), consumed by etl/load.c, and holds raw identifiers: all it points to is valid until the next mapper_map() or
 * csvread_next(), whichever comes first. */
#ifndef ETL_CASE_ROW_H
#define ETL_CASE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

enum case_state {
    CASE_CLOSED, /* to be stored */
    CASE_OPEN, /* not closed, or open again: leaves the store if it was there. Only case_id, version and place are set */
    CASE_REJECTED, /* for quarantine. Only the place and case_id (empty if unreadable) are set: a snapshot still holds the case */
};

struct case_identifier {
    const struct source_identifier *identifier;
    struct slice normalised;
};

enum case_word { CASE_SAYS_NOTHING, CASE_SAYS_YES, CASE_SAYS_NO_LONGER };

/* What the row says about surveys on a channel; only where the address is there too. */
struct case_opt_in {
    const struct source_opt_in *opt_in;
    enum case_word word;
    int64_t stated_at; /* instant */
};

struct case_label { /* one level of a dimension */
    struct slice text;
    bool named;       /* the configuration names it (allow-list, rename target, band, hierarchy file, missing_as) */
    int32_t position; /* bands: their order; else -1 */
};

/* A value of a dimension. Equal ids of one dimension mean equal labels for the life of the mapper, so that the
 * loader can look codes up by id; 0 is no id (too many different values): look the labels up. */
struct case_category {
    const struct case_label *levels; /* level_count of them, outermost first; NULL for a period */
    uint32_t id;                     /* 1 .. MAPPER_MAX_VALUES */
};

struct case_value {
    bool present;
    int64_t scaled; /* × 10^decimals */
};

struct case_row {
    enum case_state state;
    struct slice case_id; /* normalised; empty if the source has none: the row is a case of its own */
    bool has_version;
    int64_t version; /* updated_at as an instant */
    int32_t closed_day, opened_day;
    bool has_opened;
    const struct case_identifier *identifiers;
    size_t identifier_count;                /* 0: nobody is known */
    const struct case_category *categories; /* per dimension */
    const struct case_value *values;        /* per measure */
    const struct case_opt_in *opt_ins;
    size_t opt_in_count;
    struct slice language, country;         /* of the person, if there are opt-ins; may be empty */
    const char *controller;                 /* as the configuration names it, or NULL */
    uint64_t line, offset;
};

#endif
