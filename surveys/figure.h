/* Sizes of sets of people, as marketing may see them. Marketing chooses the sets: it can ask for one with a certain group of people and for
 * one without, or for the same one again tomorrow. So, of all sizes that were ever shown (for a year), whatever survey asked:
 *
 *  - each is a multiple of k, rounded down, or 0 for fewer than k people;
 *  - two sets of k people and more in which fewer than k people differ have one size: that of the set that came first;
 *  - no more than FIGURES_A_MONTH different ones are shown within 30 days, so that rounding is not averaged away.
 *
 * How many people differ is told by sketches of the sets, never by lists of people. */
#ifndef SURVEYS_FIGURE_H
#define SURVEYS_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/keyring.h"

enum { FIGURES_A_MONTH = 300 };

struct figures {
    struct db *surveys;
    int64_t k, now;
    unsigned char key[PSEUDONYM_BYTES];
    size_t buckets; /* of a sketch: a power of two, many more than k */
};

struct figure_set {
    uint64_t *sketch; /* sums of the persons' hashes by bucket */
    int64_t people;
};

void figures_init(struct figures *figures, struct db *surveys, const struct keyring *keyring, int64_t k, int64_t now);

/* Are too many shown already? 1 yes, 0 no, or an error. */
int figures_are_exhausted(const struct figures *figures, struct err *err);

void figure_set_init(const struct figures *figures, struct figure_set *set); /* empty; to be released */
void figure_set_release(struct figure_set *set);
void figure_set_add(const struct figures *figures, struct figure_set *set, int64_t person);
/* Adds the people of `from`, none of whom is in `to`. */
void figure_set_join(const struct figures *figures, struct figure_set *to, const struct figure_set *from);

/* The size to show, which is remembered if it is a new one. */
int figure_show(const struct figures *figures, const struct figure_set *set, int64_t *size, struct err *err);

#endif
