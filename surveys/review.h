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

/* Approved texts that may be released: of each wave and question, k or more at once, in the order of the alphabet. */
struct review_release {
    int64_t *texts; /* their ids */
    size_t count, capacity;
    struct strbuf csv;
};
int review_release_read(struct db *surveys, const char *survey, int64_t k, struct review_release *release, struct err *err);
/* To be called once the CSV is safe: killed before, the next release has the same texts. */
int review_release_mark(struct db *surveys, const struct review_release *release, struct err *err);
void review_release_free(struct review_release *release);

#endif
