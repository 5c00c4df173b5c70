/* What drove the change of a table's total from the period before, and from a year earlier, to the last: the groups of each dimension
 * with what they contributed; for means and shares split into mix (other groups weigh more) and rate (the groups
 * themselves changed), after Kitagawa (1955) (trends/<table>_drivers.csv). Groups that are not published in both periods are one
 * group, `(rest)`, the total less the others. */
#ifndef STATS_DERIVED_DRIVER_H
#define STATS_DERIVED_DRIVER_H

#include "stats/derived/derived_config.h"
#include "stats/derived/panel.h"

/* `spec` may be NULL. */
void driver_add(struct release *to, const struct panel *panel, const struct derived_spec *spec);

#endif
