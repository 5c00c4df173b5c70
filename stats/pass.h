/* One thread's share of a pass over the rows, and how shares become the cube: internal to cube.c and what it
 * calls. */
#ifndef STATS_PASS_H
#define STATS_PASS_H

#include "stats/collect.h"
#include "stats/scan.h"

struct pass_table {
    struct cellmap single;  /* inner cells of persons that have no other in the period: to be rolled up */
    struct cellmap several; /* all cells that persons with several inner cells are part of: complete as they are */
    struct cellmap touched; /* scratch */
    unsigned char *waiting; /* cells for `single`, taken together so that memory can be fetched ahead */
    size_t waiting_count;
};

struct pass {
    const struct cube *cube;
    bool counting; /* first pass: cells are counted; later ones only collect, by the indices of the cube's
                      cells */
    struct pass_table *tables;
    cell_key *ancestors; /* scratch */
    struct collector collector;
};

void pass_init(struct pass *pass, const struct cube *cube, struct collection *collection, bool counting);
void pass_release(struct pass *pass);

/* Takes what waits: after the scan. */
int pass_flush(struct pass *pass, struct err *err);

int pass_visit(void *state, const struct scan_group *group, struct err *err); /* a scan_visit */

/* Makes the table's final cells of all threads' cells, frees these, and puts final indices into the records.
 */
int pass_merge(struct pass *passes, size_t count, struct cube_table *table, size_t t, struct err *err);

/* Selection of units and computing of quantiles: cube_quantile.c. `passes` hold the records of the selected
 * units. */
void cube_quantiles_fill(struct cube *cube, const struct collection *collection, struct pass *passes, size_t count);

/* Selects the next run of units, beginning at (*series, *period), that fits the budget; false if there are
 * none left. */
bool collection_select(struct collection *collection, const struct cube *cube, size_t *series, uint32_t *period);

#endif
