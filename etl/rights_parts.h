/* What rights.c, rights_screen.c and refusals.c share; nobody else includes it. */
#ifndef ETL_RIGHTS_PARTS_H
#define ETL_RIGHTS_PARTS_H

#include "etl/case_removal.h"
#include "etl/holds.h"
#include "etl/mask.h"
#include "etl/objectors.h"
#include "etl/rights.h"

struct refusals;

struct rights {
    struct rights_options options;
    struct objectors *objectors;
    struct case_removal *removal;
    struct holds *holds;
    struct refusals *refusals;
    struct stmt *find;  /* person by pseudonym */
    struct stmt *links; /* between the identifiers of a person */
    bool unsettled;     /* an objector may be known here by other identifiers */
};

/* Ends the cases of a person for which `ends` says so, and forgets the person if none is left. */
struct rights_end {
    bool (*ends)(void *context, int32_t closed_day);
    void *context;
    enum removal_trace trace;
};
int rights_end_cases(struct rights *rights, int64_t person, const struct rights_end *end,
                     struct rights_outcome *outcome, struct err *err);
int rights_end_barred(struct rights *rights, int64_t person, int64_t group, struct rights_outcome *outcome,
                      struct err *err);

/* ---- refusals.c: consents to recordings that were withdrawn ---- */

int refusals_open(struct refusals **refusals, const struct store *store, const struct zone *zone, struct err *err);
void refusals_free(struct refusals *refusals);
bool refusals_concern(const struct source_consent *consent); /* is what is bound to it concerned? */
size_t refusals_count(const struct refusals *refusals);
int refusals_record(struct refusals *refusals, const unsigned char hash[PSEUDONYM_BYTES], int64_t at, struct err *err);
/* Was it withdrawn on the day of closing or later? */
bool refusals_cover(const struct refusals *refusals, const unsigned char hash[PSEUDONYM_BYTES], int32_t closed_day);
/* Blanks the bound columns of a person's cases closed until `day`. */
int refusals_blank(const struct store *store, const struct case_tables *tables, int64_t person, int32_t day,
                   uint64_t *blanked, struct err *err);

#endif
