/* Editions: what was published about one state of the data.
 *
 * Releases that agree wherever they show the same cell are one edition: together they say more than each. A release
 * that shows another figure for a cell already published describes other data (more cases, fewer cases) and begins
 * an edition of its own; then the difference of two editions is a published table too, of what changed in between. */
#ifndef STATS_OUTSIDER_EDITION_H
#define STATS_OUTSIDER_EDITION_H

#include "stats/outsider/bounds.h"
#include "stats/outsider/lattice.h"
#include "stats/outsider/publication.h"

/* One figure as published: an interval per cell, from low to high; NaN: not published. */
struct edition_figure {
    double *low, *high;
};

struct edition {
    size_t release, minus; /* the first release that it holds; for a difference, the other one; else EDITION_WHOLE */
    struct edition_figure *figures; /* as many as the publication has */
    size_t figure_count;
};
#define EDITION_WHOLE SIZE_MAX

struct editions {
    struct edition *items;
    size_t count, capacity;
};

/* All editions of the releases, in order of their first release. ERR_DATA when one release contradicts itself. */
int editions_build(struct editions *editions, const struct publication *publication, const struct lattice *lattice,
                   struct err *err);
void editions_release(struct editions *editions);

/* The counts of `later` less those of `earlier` where both show a cell. */
struct edition edition_difference(const struct edition *later, const struct edition *earlier,
                                  const struct publication *publication, const struct lattice *lattice);
/* The edition with every count that is known exactly, published or not. `bounds` are those of each figure. */
struct edition edition_extend(const struct edition *edition, const struct bounds *bounds,
                              const struct publication *publication, const struct lattice *lattice);
void edition_release(struct edition *edition);

bool edition_shows(const struct edition *edition, size_t figure, uint32_t cell);

/* What is left of `whole` when its greatest published descendants along the dimension of `equation` are taken out, and
 * whether any of its leaves there is not covered by them. `whole` is published. */
double edition_remainder(const struct edition *edition, size_t figure, const struct lattice *lattice,
                         const struct lattice_equation *equation, bool *open);

#endif
