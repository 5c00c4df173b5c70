/* Invited against held-out people, as CSV for the statistics (surveys/handover.h): did they come again? One row for each person of a
 * plan, whether asked or held out by lot, once the survey's `expires_days` after the approval are over and cases that closed
 * later have been read, so that none is still to come:
 *
 *   member, week (in which it is handed over), wave, group: invited or held_out, again: yes or no
 *
 * No segments: dispositions have the same invited people by segment, and are protected by themselves. How many few were held out in a segment
 * would be the difference.
 *
 * `again` is yes if the person has another case that was opened (or, where that is not known, closed) after the day of the approval
 * and closed before the time was over. Whose case has left the store (objection, erasure, hold) is in neither group. Invited are all
 * whom the plan meant to ask, also where a message did not go out: or the groups would not be drawn alike. Persons are found by
 * the case that they were planned for, in memory; nothing that is written joins the databases. */
#ifndef SURVEYS_HOLDOUT_H
#define SURVEYS_HOLDOUT_H

#include "core/keyring.h"
#include "surveys/handover.h"

struct holdout_input {
    struct db *surveys, *cases;
    const struct keyring *keyring;
    const struct survey *survey;
    const struct zone *zone;
    int64_t now;
};

/* What was not handed over yet; then handover_mark() with HANDOVER_HOLDOUT. */
int holdout_read(const struct holdout_input *input, struct handover *handover, struct err *err);

#endif
