/* Holds: what may not be deleted although its term is over or its person objected. By case number or by any identifier
 * of the person. */
#ifndef ETL_HOLDS_H
#define ETL_HOLDS_H

#include "etl/store.h"

struct holds;

int holds_open(struct holds **holds, const struct store *store, struct err *err);
void holds_free(struct holds *holds);

/* Does a hold cover the case, or its person (0: nobody known)? The instants of the events decide, not their order of arrival; a
 * hold and a release of the same instant: held. */
int holds_cover(struct holds *holds, const unsigned char case_key[PSEUDONYM_BYTES], int64_t person, bool *held,
                struct err *err);

/* Does a hold in force name this very hash? */
int holds_name(struct holds *holds, const unsigned char hash[PSEUDONYM_BYTES], bool *named, struct err *err);

/* Records a hold or, with `release`, the end of the hold for the same reason. */
struct hold_event {
    unsigned char hash[PSEUDONYM_BYTES]; /* case key, or objection_hash() of an identifier */
    bool of_case, release;
    const char *reason;
    int64_t occurred_at;
};
/* Is there a hold for that reason, not released? */
int holds_stand(struct holds *holds, const struct hold_event *event, bool *stands, struct err *err);
int holds_record(struct holds *holds, const struct hold_event *event, struct err *err);

#endif
