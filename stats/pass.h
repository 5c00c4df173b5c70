/* One thread's share of a pass over the rows, and how shares become the cube: internal to cube.c and what it calls. */
#ifndef STATS_PASS_H
#define STATS_PASS_H

#include "stats/collect.h"
#include "stats/scan.h"

struct pass_table {
    struct cellmap single;  /* inner cells; counted are persons that have no other in the period: to be rolled up */
    struct cellmap several; /* all cells that persons with several inner cells are part of: complete as they are */
    struct cellmap touched; /* scratch */
    unsigned char *waiting; /* cells for `single`, taken together so that memory can be fetched ahead */
    size_t waiting_count;
};

struct pass {
    const struct cube *cube;
    bool counting; /* first pass: cells are counted; later ones only collect, by the indices of the cube's cells */
    struct pass_table *tables;
    cell_key *ancestors; /* scratch */
    uint32_t *indices;   /* scratch */
    size_t index_capacity;
    struct collector collector;
};

void pass_init(struct pass *pass, const struct cube *cube, struct collection *collection, bool counting);
void pass_release(struct pass *pass);

int pass_visit(void *state, const struct scan_group *group, struct err *err); /* a scan_visit */

/* Takes what waits: after the scan. */
int pass_flush(struct pass *pass, struct err *err);

/* Makes the table's final cells of all threads' cells, frees these, and puts final indices into the records. */
int pass_merge(struct pass *passes, size_t count, struct cube_table *table, size_t t, struct err *err);

/* Computes the quantiles of the selected units, of which `passes` hold the records: cube_quantile.c. */
void cube_quantiles_fill(struct cube *cube, const struct collection *collection, const struct pass *passes,
                         size_t count);

#endif
