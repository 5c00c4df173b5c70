/* The spool: outbox/<id>.eml, one file per message under a deterministic name. What takes a message moves it to
 * outbox/sent/ and never deletes it: the marker there says for the survey's life that the message has left. */
#ifndef SURVEYS_SPOOL_H
#define SURVEYS_SPOOL_H

#include <stdbool.h>

#include "core/err.h"
#include "core/text.h"

enum spool_state { SPOOL_NONE, SPOOL_WAITING, SPOOL_TAKEN };

/* Where the message with that id is. A message that is in both places was being moved: it is taken. */
int spool_find(const char *outbox, const char *id, enum spool_state *state, struct err *err);

/* Puts the message in place: temporary file, fsync, link, fsync of the folder. It never replaces one that is there: of two
 * attempts the first stays. ERR_CANTCREAT, ERR_IO. */
int spool_put(const char *outbox, const char *id, struct slice message, struct err *err);

/* Takes a message back that nobody has picked up; *withdrawn: it was there. */
int spool_withdraw(const char *outbox, const char *id, bool *withdrawn, struct err *err);

#endif
