/* Confines the process for good to the files that it names (Landlock). What is open already stays open. To be called before a thread
 * is started: threads that exist are not confined. */
#ifndef CORE_SANDBOX_H
#define CORE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct sandbox_path {
    const char *path; /* a file, or a folder with all below it; it must exist */
    bool writes;      /* a file may be written too; nothing is ever made, removed or executed */
};

/* From here on no privilege can be gained (no_new_privs), only these paths can be opened, and no TCP connection can be begun. *version
 * is that of the kernel's Landlock; 0: the kernel has none, and all paths stay open. ERR_IO. */
int sandbox_enter(const struct sandbox_path *paths, size_t count, int *version, struct err *err);

#endif
