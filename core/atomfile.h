/* Files that appear whole or not at all: written under a temporary name in the same folder, fsynced, renamed, folder
 * fsynced. A killed run leaves at most a temporary file (".tmp-…"), which the next run removes. */
#ifndef CORE_ATOMFILE_H
#define CORE_ATOMFILE_H

#include <stddef.h>
#include <sys/types.h>

#include "core/err.h"
#include "core/text.h"

/* Writes `data` to `path` with `mode`, replacing what is there. ERR_CANTCREAT or ERR_IO. */
int atomfile_write(const char *path, mode_t mode, struct slice data, struct err *err);

/* The same for a file that nobody looks at yet, in a folder that is being staged: it is synced, but neither renamed nor is
 * its folder synced. */
int atomfile_write_staged(const char *path, mode_t mode, struct slice data, struct err *err);

/* Writes all of it to an open file: 0, or -1 and errno. */
int atomfile_put(int fd, struct slice data);

int atomfile_sync_folder(const char *path, struct err *err);
/* rename(2) and both folders fsynced. */
int atomfile_rename(const char *from, const char *to, struct err *err);
/* Makes or replaces a symlink atomically. */
int atomfile_symlink(const char *target, const char *path, struct err *err);
/* Makes the folder with the mode, and its missing parents with the same; one that is there keeps its mode. */
int atomfile_mkdir(const char *path, mode_t mode, struct err *err);
/* Removes the temporary files that a killed run left in the folder. */
int atomfile_clean(const char *folder, struct err *err);
/* Removes a folder with all in it without following symlinks; fine if it is not there. */
int atomfile_remove_tree(const char *path, struct err *err);
/* Replaces `out` by a whole file of at most `max_bytes`. ERR_NOINPUT, ERR_IO, ERR_DATA if larger. */
struct strbuf;
int atomfile_read(const char *path, size_t max_bytes, struct strbuf *out, struct err *err);

#endif
