/* Which recipients are one person: those that share an identifier, directly or through others. What many questions at once need; a
 * single one is asked of the database (surveys/sql/audience.sql). */
#ifndef SURVEYS_PERSON_H
#define SURVEYS_PERSON_H

#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

struct person_map {
    int64_t *leader; /* by recipient: one of the same person with a number not above its own */
    int64_t limit;   /* recipients are below it */
};

int person_map_read(struct person_map *persons, struct db *surveys, struct err *err);
void person_map_release(struct person_map *persons);

/* The person's first recipient: the same for all of them, itself if there is none else. */
int64_t person_map_first(const struct person_map *persons, int64_t recipient);

/* Notes for good that two recipients are one person: each is known by what the other is known by. */
int person_map_unite(struct person_map *persons, struct db *surveys, int64_t one, int64_t other, struct err *err);

#endif
