/* The batch's side of the intake: links go there, answers and clicks come from there.
 *
 * Laws. Killed at any instant and run again, the result is the same: every answer is moved once. Of an anonymous survey answers
 * are moved in batches of k or more that can be read and share survey, wave, questions and segment, in random order, under random numbers; afterwards nothing
 * in any file joins an answer to an invitation. At the survey's end what is left of all segments goes as one batch without a
 * segment, or is deleted if that is fewer than k; answers to other questions (a later plan's) are a batch of their own. */
#ifndef SURVEYS_COLLECT_H
#define SURVEYS_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/calendar.h"
#include "core/db.h"
#include "core/err.h"
#include "core/keyring.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "surveys/definition.h"
#include "surveys/redact.h"

struct collect_input {
    struct db *surveys, *intake;
    const struct keyring *keyring;
    const struct survey *survey;
    const struct zone *zone;
    const struct redactor *redactor;
    int64_t now;
    int64_t k;
};

struct collect_result {
    int64_t issued;       /* links that the page knows now */
    int64_t opt_outs, confirmations;
    int64_t finished;     /* invitations that were found answered */
    int64_t moved, waiting, discarded; /* answers */
    int64_t unreadable;   /* sealed to a key that is gone, or not an answer of this survey: deleted */
};

/* Tells the page of the survey's invitations, of the questions that were approved and of the keys to seal with. Again is fine. */
int collect_issue(const struct collect_input *input, struct collect_result *result, struct err *err);

/* Takes clicks that concern consent into the ledger, and marks invitations that were answered, begun or refused. */
int collect_acts(const struct collect_input *input, struct collect_result *result, struct err *err);

/* Moves answers, those of an anonymous survey once nobody who was invited to the wave can answer any more, and wipes from intake.db what was
 * moved or has expired. */
int collect_answers(const struct collect_input *input, struct collect_result *result, struct err *err);

/* An answer that waits, as JSON without its padding; false if it was sealed to a key that is gone. */
bool collect_open_answer(const struct keyring *keyring, int64_t epoch, struct slice sealed, struct strbuf *json);

#define COLLECT_ANY_SEGMENT "{}" /* the segment of a batch of all segments */

#endif
