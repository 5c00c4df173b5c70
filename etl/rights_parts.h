/* What rights.c, rights_screen.c and recording.c share; nobody else includes it. */
#ifndef ETL_RIGHTS_PARTS_H
#define ETL_RIGHTS_PARTS_H

#include "etl/case_removal.h"
#include "etl/claimants.h"
#include "etl/holds.h"
#include "etl/mask.h"
#include "etl/rights.h"

struct rights {
    struct rights_options options;
    struct claimants *claimants;
    struct label_use *labels;
    struct case_removal *removal;
    struct holds *holds;
    bool grown;         /* the register has learnt members */
    struct stmt *find;  /* person by pseudonym */
    struct stmt *links; /* between the identifiers of a person */
};

/* Does to what is stored of a person what the group claims: ends barred cases, forgets the person if none is left, blanks what is
 * bound to a consent. */
int rights_enforce(struct rights *rights, int64_t person, int64_t group, struct rights_outcome *outcome, struct err *err);

/* The largest max_persons of all sources. */
int64_t rights_limit(const struct rights *rights);

/* ---- recording.c: what is bound to the consent to the recording of calls ---- */

bool recording_concerns(const struct source_consent *consent);
/* Blanks it in a person's cases closed until `day`. */
int recording_blank(struct rights *rights, int64_t person, int32_t day, uint64_t *blanked, struct err *err);
void recording_blank_row(struct batch *batch, size_t row);

#endif
