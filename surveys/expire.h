/* The end of invitations: what nobody can use any more, neither the person nor a frequency cap, goes. */
#ifndef SURVEYS_EXPIRE_H
#define SURVEYS_EXPIRE_H

#include <stdint.h>

#include "core/db.h"
#include "core/err.h"

struct expire_counts {
    int64_t invitations, plans, links, recipients;
};

/* Deletes, with their messages and links, invitations that have expired by `now` and were made before `made_before`; the audiences of
 * plans made before then; recipients that nothing names any more. Of confidential answers the link to the person goes with the
 * invitation. `intake` may be NULL; both databases are written, each in a transaction of its own, and doing it again is fine. */
int invitations_expire(struct db *surveys, struct db *intake, int64_t now, int64_t made_before, struct expire_counts *counts,
                       struct err *err);

#endif
