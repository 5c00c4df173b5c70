/* Eligible closed cases: in the survey's window, in its audience, not held, with a known person. */
#ifndef SURVEYS_ELIGIBLE_H
#define SURVEYS_ELIGIBLE_H

#include "surveys/audience.h"

/* Adds a candidate for each person with an eligible case, by its latest one; ascending by person. `excluded` is
 * EXCLUDED_NO_OPT_IN until a contact is found. */
int eligible_collect(struct audience *audience, const struct audience_input *input, struct err *err);

#endif
