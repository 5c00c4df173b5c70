/* The last word before publication: does what the audit says follow from its witnesses? Written apart from the search, over the
 * original cells and unknowns, in whole numbers. */
#ifndef STATS_PROTECT_CERTIFY_H
#define STATS_PROTECT_CERTIFY_H

#include "core/err.h"
#include "stats/protect/audit.h"

/* 0 if every witness is possible for the reader and agrees with the truth on all that `withheld` leaves published and on
 * all equations, every member that is not lost has the range it needs over them, and for each contributor but those who were let go one of them (or
 * a mixture of two) that they cannot rule out. Else ERR_INTERNAL: publish nothing. */
int certify(const struct audit *audit, const unsigned *withheld, struct err *err);

#endif
