/* Files compiled into the program: SQL, texts, the demo's configuration. The Makefile lists them (EMBED). */
#ifndef CORE_EMBED_H
#define CORE_EMBED_H

#include <stddef.h>

struct embed_file {
    const char *path; /* as in the source tree: "core/sql/cases/001_init.sql" */
    const char *text; /* NUL-terminated */
    size_t length;
};

/* The file compiled in under `path`, or NULL. */
const struct embed_file *embed_find(const char *path);

/* The i-th compiled-in file in path order whose path begins with `prefix`, or NULL after the last. */
const struct embed_file *embed_under(const char *prefix, size_t i);

/* The table itself; generated at build time, ends with a row of NULLs. */
extern const struct embed_file embed_files[];

#endif
