/* The spool: outbox/<id>.eml, one file per message under a deterministic name. What takes a message moves it to
 * outbox/sent/ and never deletes it: the marker there says for the survey's life that the message has left; what it said goes a day
 * later. A message that must not go any more is pulled: its marker, empty, lies in outbox/pulled/. Of a pick-up and a pull at the same time one wins. */
#ifndef SURVEYS_SPOOL_H
#define SURVEYS_SPOOL_H

#include <stdbool.h>

#include "core/err.h"
#include "core/text.h"

enum spool_state { SPOOL_NONE, SPOOL_WAITING, SPOOL_TAKEN, SPOOL_PULLED };
/* What the database says of a message that is found so: spooled (also of one that is yet to be put), sent, pulled. */
const char *spool_state_name(enum spool_state state);

/* Where the message with that id is. A message that is in both places was being moved: it is taken. */
int spool_find(const char *outbox, const char *id, enum spool_state *state, struct err *err);

/* Puts the message in place: temporary file, fsync, link, fsync of the folder. It never replaces one that is there: of two
 * attempts the first stays. ERR_CANTCREAT, ERR_IO. */
int spool_put(const char *outbox, const char *id, struct slice message, struct err *err);

/* Moves a waiting message to sent/, as whatever sends it has to. 1, or 0 if it does not wait (any more). */
int spool_take(const char *outbox, const char *id, struct err *err);
/* Pulls a waiting message and empties it. 1, or 0 if it does not wait (any more). */
int spool_pull(const char *outbox, const char *id, struct err *err);
/* Removes the marker of a message that was pulled, so that it may be put again. */
int spool_forget_pulled(const char *outbox, const char *id, struct err *err);
/* Empties a message that lies in sent/: its marker stays. 1, or 0 if there is none or it is empty. */
int spool_empty(const char *outbox, const char *id, struct err *err);
/* Replaces `out` by the message. 1, or 0 if it does not wait (any more). */
struct strbuf;
int spool_read(const char *outbox, const char *id, struct strbuf *out, struct err *err);

/* Leaves an empty marker in sent/ for something that left by another way. One that is there stays. */
int spool_mark(const char *outbox, const char *id, struct err *err);

/* Calls `visit` with the id of each message in the folder (the outbox itself, or its sent or pulled) until it fails. */
int spool_each(const char *folder, int (*visit)(void *context, const char *id, struct err *err), void *context, struct err *err);
/* Removes a message or marker from such a folder. */
int spool_drop(const char *folder, const char *id, struct err *err);

#endif
