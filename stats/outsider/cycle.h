/* Whether linked tables can be studied each with its own inner cells. Tables are sets of dimensions. Where they form
 * a tree of shared margins (an acyclic hypergraph), tables that agree on the shared margins always come from one
 * common table, so nothing is lost; where they form a circle (A×B, B×C, C×A), that is weaker than what a reader can
 * work out, and the cross of the circle's dimensions is needed. Graham's reduction: M. H. Graham, 1979; Yu and
 * Özsoyoğlu, 1979. */
#ifndef STATS_OUTSIDER_CYCLE_H
#define STATS_OUTSIDER_CYCLE_H

#include <stddef.h>
#include <stdint.h>

/* `sets[i]` has a bit for each dimension of table i. Dimensions (bits) of all tables on a circle together; 0: there
 * is none. */
uint32_t cycle_core(const uint32_t *sets, size_t count);

#endif
