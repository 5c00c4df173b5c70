/* How long the surveys of a workspace can use a contact. What none of them can use is not kept. */
#ifndef SURVEYS_NEEDS_H
#define SURVEYS_NEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "surveys/definition.h"

struct need;

struct needs { /* a zeroed one is empty */
    struct need *list;
    size_t count, capacity;
};

/* Copies what it needs of the survey. */
void needs_add(struct needs *needs, const struct survey *survey);
void needs_release(struct needs *needs);

/* The last local day on which a survey could use a contact because of a case closed on `closed_day`: its window, then the life of the
 * invitation, no later than its end. INT32_MIN if none can. */
int32_t needs_usable_until(const struct needs *needs, const char *controller, const char *channel, const char *purpose,
                           int32_t closed_day);

/* Does a survey have the purpose? */
bool needs_have_purpose(const struct needs *needs, const char *purpose);

/* Deletes contacts whose controller has no survey on their channel any more; adds them to *count. */
int needs_drop_contacts(const struct needs *needs, struct db *surveys, int32_t today, int64_t *count, struct err *err);

#endif
