/* Answers and dispositions as CSV for the statistics, where they are cases of a source of their own: cube, protection and ledger
 * treat them like all others. Of the person nothing goes along: rows have random numbers and come in their order. All count in the week in
 * which they are handed over: a period that is over may be published, and has no room for more.
 *
 *   answers:       response, week, wave, one column per segment, one per question but free text; of several choices one column
 *                  per choice, <question>_<choice>, yes or no
 *   dispositions:  invitation, week, wave, one column per segment, disposition: complete, partial, refusal,
 *                  unreachable, no_reply */
#ifndef SURVEYS_HANDOVER_H
#define SURVEYS_HANDOVER_H

#include <stdint.h>

#include "core/calendar.h"
#include "core/db.h"
#include "core/err.h"
#include "core/strbuf.h"
#include "surveys/definition.h"

enum handover_kind { HANDOVER_ANSWERS, HANDOVER_DISPOSITIONS, HANDOVER_HOLDOUT /* surveys/holdout.h reads it */ };

/* Name of the file with the rows of one night: <kind>-<survey>-<number>.csv, into `out` (replaced). */
void handover_file_name(enum handover_kind kind, const char *survey, int64_t number, struct strbuf *out);

struct handover {
    int64_t *numbers; /* of the rows */
    size_t count, capacity;
    struct strbuf csv;
};

struct handover_input {
    struct db *surveys;
    const struct survey *survey;
    const struct zone *zone;
    int64_t now;
    int64_t k;
};

/* What was not handed over yet; no rows: nothing to do. Answers go in groups of k or more, of anonymous and of confidential surveys: smaller
 * ones would tell, beside the dispositions, how few answered late. They wait for others. */
int handover_read(const struct handover_input *input, enum handover_kind kind, struct handover *handover, struct err *err);
/* To be called once the CSV is safe: killed before, the same rows come again under the same numbers. */
int handover_mark(struct db *surveys, enum handover_kind kind, const struct handover *handover, struct err *err);
/* The Monday of the week, or the first of the month if that is later: the month before may be out. */
void handover_week(const struct zone *zone, int64_t now, char out[16]);
void handover_release(struct handover *handover);

#endif
