/* Cases that leave for good, and what only they needed. Within a transaction of the caller. */
#ifndef ETL_CASE_REMOVAL_H
#define ETL_CASE_REMOVAL_H

#include "etl/label_use.h"

struct case_removal;

/* `labels` learns what codes go; the caller's. */
int case_removal_open(struct case_removal **removal, const struct store *store, const struct case_tables *tables,
                      struct label_use *labels, struct err *err);
void case_removal_free(struct case_removal *removal);

struct removed_case {
    const struct case_table *table;
    int64_t id;
    unsigned char key[PSEUDONYM_BYTES];
    bool bar;             /* leave a tombstone that only a version overcomes that says whose it is and may be stored; else nothing
                           * is left: what is past its term would be past it when it came again */
    int32_t expires_day;  /* of the tombstone */
};
int case_removal_delete(struct case_removal *removal, const struct removed_case *gone, struct err *err);

/* Is there any case of the person left, in any table? */
int case_removal_has_cases(struct case_removal *removal, int64_t person, bool *has, struct err *err);

/* Forgets the persons that lost their last case: identifiers and links. Counts them. */
struct case_removal_counts {
    uint64_t persons, identifiers;
};
int case_removal_persons(struct case_removal *removal, struct case_removal_counts *counts, struct err *err);

/* An identifier that no case carries: its links and its row. */
struct removed_identifier {
    int64_t identifier, kind;
    unsigned char pseudonym[PSEUDONYM_BYTES];
};
int case_removal_identifier(struct case_removal *removal, const struct removed_identifier *gone, struct err *err);

#endif
