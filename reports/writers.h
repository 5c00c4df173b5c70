/* The reports of a release: a table of names and functions. Each adds its files to the stage. The same release gives
 * the same bytes: a writer asks neither the clock nor the machine. */
#ifndef REPORTS_WRITERS_H
#define REPORTS_WRITERS_H

#include <stdbool.h>

#include "core/config.h"
#include "core/err.h"
#include "core/strbuf.h"
#include "reports/stage.h"
#include "stats/release.h"

struct report_options {
    bool german_csv; /* a second copy of each table for German Excel */
};

struct report_writer {
    const char *name;
    int (*write)(const struct release *release, const struct report_options *options, struct stage *stage,
                 struct err *err);
};

extern const struct report_writer report_writers[]; /* in order, the manifest last; ends with a NULL name */

/* The keys below `reports`, and what they say. */
extern const struct config_rule report_config_rules[];
struct report_options report_options_of(const struct config *config);

/* The path of a table's file in a release: "tables/channels.csv". */
void report_table_path(const struct released_table *table, struct strbuf *out);

/* tables/NAME.csv and so on, and german/… if the options say so (DESIGN 6). */
int report_csv(const struct release *release, const struct report_options *options, struct stage *stage,
               struct err *err);

/* datapackage.json (Frictionless Data Package 1): the columns of each table, their types, units and meaning. */
int report_datapackage(const struct release *release, const struct report_options *options, struct stage *stage,
                       struct err *err);

/* manifest.json: versions, instant, configuration, protection and the SHA-256 of each file. Nothing that counts people
 * or cases. */
int report_manifest(const struct release *release, const struct report_options *options, struct stage *stage,
                    struct err *err);

#endif
