/* Eligible closed cases: in the survey's window, in its audience, not held, with a known person. */
#ifndef SURVEYS_ELIGIBLE_H
#define SURVEYS_ELIGIBLE_H

#include "surveys/audience.h"

/* Adds a candidate for each person with an eligible case, by its latest one; ascending by person. `excluded` is
 * EXCLUDED_NO_OPT_IN until a contact is found. */
int eligible_collect(struct audience *audience, const struct audience_input *input, struct err *err);

enum { ELIGIBLE_PERSON_SHIFT = 24 }; /* id of a case = person << 24 | running number */

/* By what a plan remembers a case: a hash that leads nowhere in cases.db, of a key that does not rotate. */
void eligible_hash_case(const struct keyring *keyring, struct slice case_key, unsigned char hash[CASE_HASH_BYTES]);

#endif
