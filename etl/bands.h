/* Bands of a number: `bands: [18, 25, 65]` makes "under 18", "18-24", "25-64" and "65+". A value belongs to the last band
 * whose edge it reaches. With edges that are not whole, or negative, a band reads "0.5 to under 1". */
#ifndef ETL_BANDS_H
#define ETL_BANDS_H

#include "core/config.h"
#include "core/mem.h"
#include "etl/case_row.h"

struct source_bands {
    const int64_t *edges; /* × 10^decimals, ascending */
    size_t count;
    int decimals;                    /* of the edge that has most */
    const struct case_label *labels; /* count + 1: below the first edge, then one per edge */
};

/* From a list of numbers; problems go to the configuration. Never NULL: an empty list makes the one band "all". */
const struct source_bands *bands_compile(struct arena *arena, struct config *config, const struct config_node *list);

/* Index of the label for a value that was rounded down to the bands' decimals. */
size_t bands_find(const struct source_bands *bands, int64_t scaled);

#endif
