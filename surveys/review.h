/* Review of free text. A text is redacted when it arrives and is seen by nobody but a reviewer, who approves it, in other words if
 * need be, or rejects it, which deletes it. Only approved texts can be released, and only k or more of a question at once. */
#ifndef SURVEYS_REVIEW_H
#define SURVEYS_REVIEW_H

#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/strbuf.h"

struct review_counts {
    int64_t approved, rejected, undecided, unknown;
};

/* The survey's texts that nobody has reviewed, as CSV: text (its id), question, redacted, decision (empty). In an order that
 * says nothing. */
int review_list(struct db *surveys, const char *survey, struct strbuf *out, struct err *err);

/* Takes that CSV back: `yes` approves the text as it stands in the file, `no` deletes it, an empty decision leaves it. A text
 * that was decided before is `unknown` and stays as it is. ERR_DATA, and nothing is changed: another decision. */
int review_apply(struct db *surveys, const char *survey, const char *path, const char *who, struct review_counts *counts, struct err *err);

#endif
