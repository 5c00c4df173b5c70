/* One row of an export after mapping and validation: what the loader stores of it and nothing else. It is made by
 * etl/map.c, consumed by etl/load.c and lives in an arena that is wiped: it holds raw identifiers. */
#ifndef ETL_CASE_ROW_H
#define ETL_CASE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

enum case_state {
    CASE_CLOSED, /* to be stored */
    CASE_OPEN,   /* not closed, or open again: leaves the store if it was there */
    CASE_REJECTED, /* in quarantine; only case_id is set (empty if unreadable): a snapshot still holds the case */
};

struct case_identifier {
    const struct source_identifier *identifier;
    struct slice normalised;
};

struct case_label {   /* one level of a category dimension */
    struct slice text;
    bool named;       /* the configuration names it (allow-list, rename target, band, hierarchy file) */
    int32_t position; /* bands: their order; else -1 */
};

struct case_value {
    bool present;
    int64_t scaled; /* × 10^decimals */
};

struct case_row {
    enum case_state state;
    struct slice case_id; /* normalised */
    bool has_version;
    int64_t version; /* updated_at as an instant */
    int32_t closed_day, opened_day;
    bool has_opened;
    const struct case_identifier *identifiers;
    size_t identifier_count;                /* 0: nobody is known */
    const struct case_label *const *labels; /* per dimension: level_count labels, outermost first; NULL for periods */
    const struct case_value *values;        /* per measure */
    struct slice controller;
    uint64_t line, offset;
};

#endif
