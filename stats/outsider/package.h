/* What datapackage.json (Frictionless Data Package) says about a release's files: `fallzahl:source` of a resource says whose cases it
 * counts; `fallzahl:hierarchy` of a field names the dimension of which it is a level, outermost first in the order of the columns;
 * `fallzahl:structural_zeros` of the package lists what cannot be, per source; `constraints` with `minimum` and `maximum` of a measure's
 * mean is the range of its scores. All of it is optional. */
#ifndef STATS_OUTSIDER_PACKAGE_H
#define STATS_OUTSIDER_PACKAGE_H

#include <stdbool.h>

#include "core/err.h"
#include "stats/outsider/impossible.h"

struct package;

/* Reads FOLDER/datapackage.json; a folder without one gives an empty package. ERR_DATA if it is not JSON. */
int package_open(struct package **package, const char *folder, struct err *err);
void package_free(struct package *package);

/* `path` as the package writes it, relative to its folder. NULL if nothing is said; a NULL package says
 * nothing. */
const char *package_hierarchy(const struct package *package, const char *path, const char *column);
const char *package_source(const struct package *package, const char *path);
/* Whether the column may have values that are not in the table. */
bool package_open_values(const struct package *package, const char *path, const char *column);
/* Adds the combinations that the package calls impossible in this source, or without saying in which. */
void package_impossibles(const struct package *package, const char *source, struct impossibles *impossibles);
bool package_range(const struct package *package, const char *path, const char *column, double *lowest,
                   double *highest);

#endif
