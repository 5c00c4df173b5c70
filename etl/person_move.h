/* Moving cases from one person to another: their ids begin with the person's number. */
#ifndef ETL_PERSON_MOVE_H
#define ETL_PERSON_MOVE_H

#include "etl/case_table.h"

struct person_move;

int person_move_open(struct person_move **move, const struct store *store, const struct case_tables *tables,
                     struct err *err);
void person_move_free(struct person_move *move);

/* All identifiers and cases of `from` become `to`'s. */
int person_move_all(struct person_move *move, int64_t from, int64_t to, struct err *err);

/* Takes a person apart by the links that do not lead through identifiers set aside. The part with the smallest
 * identifier keeps the number, the others get new ones; cases without an identifier left become nobody's. `parts`: how many
 * persons it was, 0 if only nobody's cases are left. */
int person_move_split(struct person_move *move, int64_t person, struct store_counters *counters, size_t *parts,
                      struct err *err);

#endif
