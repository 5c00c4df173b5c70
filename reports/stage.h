/* The folder in which a release is written before it appears. All is fsynced; the SHA-256 of each file is kept for the
 * manifest. */
#ifndef REPORTS_STAGE_H
#define REPORTS_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/text.h"

struct stage;

struct stage_file {
    const char *path; /* below the folder */
    char sha256[65];  /* hex */
};

/* Makes the folder; one that is there already is removed with all in it. Folders are 0755 and files 0644, or, if
 * `is_private`, 0700 and 0600. */
int stage_open(struct stage **stage, const char *folder, bool is_private, struct err *err);
void stage_free(struct stage *stage); /* leaves the folder as it is; NULL is fine */

/* Writes a file; `path` is relative, its folder is made. ERR_CANTCREAT, ERR_IO. */
int stage_add(struct stage *stage, const char *path, struct slice content, struct err *err);
int stage_sync(struct stage *stage, struct err *err); /* the folders; once all files are there */

/* The files so far, in the order in which they were added; NULL after the last, or for a path that is not there. */
const struct stage_file *stage_file(const struct stage *stage, size_t i);
const struct stage_file *stage_find(const struct stage *stage, const char *path);

#endif
