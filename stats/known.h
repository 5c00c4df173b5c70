/* What readers know of some days already: every figure that any release published of them, withdrawn or not, as tables of the
 * cube. A later table or a longer period of the same cases is protected with these as known equations.
 *
 * The equations hold for today's cases only if these still give every figure that was published. Where they do not (a
 * counted case was corrected, deleted, objected to; a dimension or measure is another one now), the difference between
 * then and now would tell of those cases: nothing more is published of these days, and `problem` says why. */
#ifndef STATS_KNOWN_H
#define STATS_KNOWN_H

#include "core/config.h"
#include "core/strbuf.h"
#include "stats/case_source.h"
#include "stats/cube.h"
#include "stats/ledger.h"
#include "stats/ledger_table.h"
#include "stats/protected.h"
#include "stats/table_config.h"

struct known_table {
    struct table_spec spec; /* as it was published */
    int64_t version;        /* in the ledger */
    struct ledger_columns columns;
    struct json_t **rows;   /* cells of each */
    size_t row_count, row_capacity;
};

struct known {
    struct arena arena;
    struct known_table *tables;
    size_t count, capacity;
    int64_t k, least_k;     /* the greatest and the least that any of them was published with; 0: there are none */
    struct strbuf problem;  /* empty: none */
    bool has_changed;       /* the problem is that the cases have changed: they will not change back */
};

struct known_request {
    struct ledger *ledger;
    struct db *cases;       /* has the dimensions' definitions */
    const struct config *config;
    struct ledger_span span;
};

/* Reads what the ledger has. The texts of the specs are the configuration's and the arena's. */
int known_load(struct known *known, const struct known_request *request, struct err *err);
void known_release(struct known *known);

/* The definitions of the table's dimensions as JSON, for the ledger: by name, what the store was filled with. */
int known_dimensions(struct db *cases, const struct table_spec *spec, struct strbuf *json, struct err *err);

/* Was the label published for that dimension? Then it may be shown, however rare it is by now. */
bool known_has_label(const struct known *known, const char *dimension, const char *label);

/* The dimension columns of a cell as a JSON array, as in a row. */
void known_cell(const struct cube_table *table, uint32_t cell, struct strbuf *json);

/* Finds the published cells in the cube, whose first tables are these, and compares every figure. shown: per table,
 * initialised by protected_init(). What does not fit goes to `problem`. */
void known_match(struct known *known, const struct cube *cube, const struct case_measure *measures,
                 struct protected_table *shown);

#endif
