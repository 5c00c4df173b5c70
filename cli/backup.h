/* Backups: copies of the databases of a workspace in a folder `backup-<instant>` (0700, files 0600) with manifest.json: instant,
 * version of the schema and SHA-256 of each. Never the keys: without them a backup tells nobody who anybody is. Nor what was begun on
 * the page, nor anonymous answers that wait for their batch: a copy of them would outlast the mixing. */
#ifndef CLI_BACKUP_H
#define CLI_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/workspace.h"

/* Makes a backup below `folder`, whole or not at all; gives its path, to be freed. The caller holds the workspace. ERR_CANTCREAT if
 * there is one of this instant, ERR_NOINPUT if there is nothing to copy. */
int backup_make(const struct workspace *workspace, const char *folder, int64_t now, char **made, struct err *err);

struct backup_restored {
    char at[32];    /* the backup's instant */
    int64_t count;  /* databases */
    bool has_surveys; /* surveys.db is one of them: surveys are halted (surveys/lost.h) */
};

/* Puts the databases that the workspace lacks in place, each as a whole, once all are checked against the manifest and read
 * through. What is there stays. ERR_DATA for a backup that is not as its manifest says, ERR_USAGE if no database is missing. */
int backup_restore(const struct workspace *workspace, const char *backup, int64_t now, struct backup_restored *restored, struct err *err);

/* Deletes the backups in state/backups/ that were made on `newest_day` (UTC) or before; only counts them in a dry run. */
int backup_expire(const struct workspace *workspace, int32_t newest_day, bool dry_run, uint64_t *removed, struct err *err);

#endif
