/* The gate. A `struct release` holds released tables: built only by stats/release.c after threshold, protection, audit
 * and ledger, and tables derived from released ones. Writers in reports/ accept nothing else; so no unprotected
 * number can reach a file. All of it is read-only to its users and lives until release_free(). */
#ifndef STATS_RELEASE_H
#define STATS_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct release;
struct released_table;

enum released_type { RELEASED_TEXT, RELEASED_INTEGER, RELEASED_DECIMAL };
enum released_role { RELEASED_DIMENSION, RELEASED_COUNT, RELEASED_FIGURE, RELEASED_STATUS };

struct released_column {
    const char *name; /* [a-z][a-z0-9_]* */
    enum released_type type;
    enum released_role role;
    int decimals;          /* for RELEASED_DECIMAL: digits that are written */
    const char *unit;      /* or NULL */
    const char *title;     /* what it means, one sentence */
    const char *hierarchy; /* for a dimension level: the name of its dimension, levels outermost first; else NULL */
    bool open;             /* a dimension with values that may never have been published */
    bool bounded;          /* the figure can only be within minimum..maximum (a mean of scores) */
    double minimum, maximum;
};

struct released_value {
    bool present; /* false: an empty cell */
    const char *text;
    int64_t integer;
    double decimal;
};

/* Its folder's name, from the as-of instant: "2026-01-31" or "2026-01-31-2". */
const char *release_name(const struct release *release);
int64_t release_as_of(const struct release *release);
/* What the release is protected against, and what not. */
const char *release_protection(const struct release *release);
const char *release_config_digest(const struct release *release); /* hex */
int64_t release_k(const struct release *release);
const char *release_structural_zeros(const struct release *release); /* JSON for datapackage.json; NULL: none */
const char *release_program(const struct release *release); /* version of the program that built it */

size_t release_table_count(const struct release *release);
const struct released_table *release_table(const struct release *release, size_t i);

const char *released_name(const struct released_table *table);   /* file name without suffix */
const char *released_folder(const struct released_table *table); /* "tables", "preferences", "trends", "surveys", "" */
const char *released_title(const struct released_table *table);
const char *released_source(const struct released_table *table); /* whose cases it counts; NULL: not of one alone */
int64_t released_version(const struct released_table *table); /* of its definition, from 1 */
size_t released_column_count(const struct released_table *table);
const struct released_column *released_column(const struct released_table *table, size_t column);
size_t released_row_count(const struct released_table *table);
struct released_value released_value(const struct released_table *table, size_t row, size_t column);

void release_free(struct release *release);

#endif
