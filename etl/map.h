/* From a record of an export to a case: the configuration's columns are found by the header's names, every other column is
 * dropped, and each row becomes a struct case_row or a struct map_reject. The same record and clock give the same
 * result, whatever was mapped before.
 *
 * Neither result tells more than it must: a reject names the place, the configured column and the rule, never what
 * stood in a cell; a row holds no cell that the configuration does not ask for, and a column that is bound to a consent
 * only where the case has it (P6). */
#ifndef ETL_MAP_H
#define ETL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/csvread.h"
#include "core/err.h"
#include "etl/case_row.h"
#include "etl/source.h"

enum { MAPPER_MAX_VALUES = 65536 }; /* different values of a dimension that get an id */

enum map_code {
    MAP_EXTRA_CELLS,   /* a cell that has no header holds something */
    MAP_MISSING_CELLS, /* fewer cells than the header */
    MAP_NO_CASE_ID,
    MAP_BAD_CASE_ID,  /* too long, control characters */
    MAP_NO_CLOSED_AT, /* closed_when says closed, but there is no time */
    MAP_BAD_DATE,     /* fits none of `dates`, or does not exist */
    MAP_OPENED_AFTER_CLOSED,
    MAP_CLOSED_IN_FUTURE,
    MAP_UNKNOWN_CONTROLLER, /* missing, or not one of `controllers` */
    MAP_BAD_IDENTIFIER,
    MAP_BAD_NUMBER,
    MAP_OUT_OF_RANGE,
    /* of subject events (etl/subject.h) */
    MAP_NO_VALUE,
    MAP_UNKNOWN_VALUE,
    MAP_IN_FUTURE,
    MAP_IDENTIFIES_NOBODY, /* shared by too many, or denied */
    MAP_EVENT_REUSED,      /* the id was used for another event */
    MAP_MALFORMED,         /* the row breaks the rules of CSV */
    MAP_NOT_UTF8,
    /* of responses (surveys/response_file.h) */
    MAP_TOO_LATE,
    MAP_CODES,
};

const char *map_code_name(enum map_code code); /* "extra_cells" */

struct map_reject {
    uint64_t line, offset;
    const char *column; /* the configured column, or "" for the row as a whole */
    enum map_code code;
    const char *rule; /* the key that decides: "sources.cases.rules.closed_in_future", or what holds always */
};

struct map_counts {
    uint64_t rows, closed, open, rejected;
    uint64_t blanked[MAP_CODES];   /* values blanked by a rule */
    uint64_t denied_identifiers;   /* on the deny-list */
    uint64_t without_consent;      /* values not kept for lack of consent */
    uint64_t unknown_in_hierarchy; /* values that a hierarchy file does not know */
    uint64_t not_allowed;          /* values that became (other): not on the allow-list, or no label */
};

struct mapper;

/* Binds a source to a header. `now` decides what is in the future. ERR_DATA if columns are missing, naming all of
 * them; the message says nothing of the columns that are there. */
int mapper_open(struct mapper **mapper, const struct sources *sources, const struct source *source,
                const struct csv_record *header, int64_t now, struct err *err);
void mapper_free(struct mapper *mapper); /* wipes */

/* True: `row` is set; false: `reject` is, and of `row` what CASE_REJECTED says. */
bool mapper_map(struct mapper *mapper, const struct csv_record *record, struct case_row *row,
                struct map_reject *reject);

size_t
mapper_dropped_columns(const struct mapper *mapper); /* columns of the header that the configuration does not name */
const struct map_counts *mapper_counts(const struct mapper *mapper);

#endif
