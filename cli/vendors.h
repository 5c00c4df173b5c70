/* What vendors must know of at once: who of a hand-off must not be contacted any more. */
#ifndef CLI_VENDORS_H
#define CLI_VENDORS_H

#include "cli/casework.h"

/* Rewrites the withdrawn files of all surveys that are handed to vendors; a survey whose file has mistakes is passed over, as by the
 * night. `intake`: or NULL. `everybody`: nobody may be contacted, for it cannot be told who is left. */
int vendors_tell(const struct casework *work, struct db *surveys, struct db *intake, bool everybody, struct err *err);

#endif
