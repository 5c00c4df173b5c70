/* After surveys.db came back from a backup nobody knows who was asked since. So that nobody is asked twice about a case or above a cap, it
 * is taken that everybody was, up to the instant of the restore: all plans are halted, and a survey is planned again only
 *
 * - once every cap counts nothing any more that was sent by then, and every case that was closed by then is too old for it, and
 * - as a wave that cannot have been sent by then: another than those planned before, beginning after that day. */
#ifndef SURVEYS_LOST_H
#define SURVEYS_LOST_H

#include "surveys/history.h"
#include "core/calendar.h"

#define LOST_HALTED_BY "restore" /* who halted what was planned before */

/* Of a database that is about to be put in place: what came since the backup of the instant `from` (text) is lost, until `now`. */
int lost_note(struct db *surveys, const char *from, int64_t now, struct err *err);

/* 0 if nothing was lost that concerns a plan made now; ERR_USAGE with the reason and what to do. */
int lost_check(const struct history *history, const struct zone *zone, struct err *err);

#endif
