/* Eligible closed cases: in the survey's window, in its audience, not held, with a known person. */
#ifndef SURVEYS_ELIGIBLE_H
#define SURVEYS_ELIGIBLE_H

#include "surveys/audience.h"

/* Adds a candidate for each person with an eligible case, by its latest one; ascending by person. `excluded` is
 * EXCLUDED_NO_OPT_IN until a contact is found. */
int eligible_collect(struct audience *audience, const struct audience_input *input, struct err *err);

/* What the cases of a person lack, in the order in which it is looked at; a plan asks for all of it. */
enum eligible_lack {
    ELIGIBLE_LACKS_CASE,     /* none of the source is stored */
    ELIGIBLE_LACKS_FREE,     /* all that are stored are under a hold */
    ELIGIBLE_LACKS_AGE,      /* none was closed within `closed_within_days` */
    ELIGIBLE_LACKS_AUDIENCE, /* none of those is in `audience` */
    ELIGIBLE_LACKS,
    ELIGIBLE_LACKS_NOTHING = ELIGIBLE_LACKS,
};
int eligible_explain(const struct audience_input *input, int64_t person, enum eligible_lack *lack, struct err *err);

/* Has a stored case of the source ever had the label? True if the store knows nothing of the dimension. */
int eligible_knows_label(struct db *cases, const char *source, const char *dimension, const char *label, bool *knows, struct err *err);

enum { ELIGIBLE_PERSON_SHIFT = 24 }; /* id of a case = person << 24 | running number */

/* By what a plan remembers a case: a hash that leads nowhere in cases.db, of a key that does not rotate. */
void eligible_hash_case(const struct keyring *keyring, struct slice case_key, unsigned char hash[CASE_HASH_BYTES]);

#endif
