/* After a restore the store knows nobody who objected, left or was erased since the backup. Until an operator says that all of that was
 * applied again, nothing is read, published or sent, and the page does not open; requests, subject events and retention go on.
 *
 * state/restored holds the instant of the backup: of several restored in turn the earliest. */
#ifndef CLI_RESTORED_H
#define CLI_RESTORED_H

#include "core/workspace.h"

/* `at`: the backup's instant, as in its manifest. Written before a database is put in place: a killed restore has noted it. */
int restored_note(const struct workspace *workspace, const char *at, struct err *err);

/* 0, or ERR_DATA with what to do while it is noted. */
int restored_check(const struct workspace *workspace, struct err *err);

/* Everything was applied again. ERR_USAGE if nothing is noted. */
int restored_clear(const struct workspace *workspace, struct err *err);

#endif
