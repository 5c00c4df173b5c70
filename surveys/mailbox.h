/* A mailbox on this machine: a Maildir (a folder with new/ and cur/) or an mbox file (RFC 4155, in its "mboxrd" form). */
#ifndef SURVEYS_MAILBOX_H
#define SURVEYS_MAILBOX_H

#include "core/err.h"
#include "core/text.h"

/* Calls `visit` for each message, in the order of names, until it fails. A message of a Maildir is removed when `visit` is done
 * with it: it holds personal data and has served; an mbox stays as it is, for whoever else writes to it. Messages above 8 MiB and
 * what is no regular file are passed over. ERR_NOINPUT if there is no such mailbox, ERR_IO. */
int mailbox_each(const char *path, int (*visit)(void *context, struct slice message, struct err *err), void *context, struct err *err);

#endif
