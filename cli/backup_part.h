/* What making and restoring a backup share; nobody else includes it. */
#ifndef CLI_BACKUP_PART_H
#define CLI_BACKUP_PART_H

#include "core/err.h"

enum { BACKUP_DATABASES = 4, BACKUP_FORMAT = 1, SHA256_HEX_BYTES = 65 };
extern const char *const backup_schemas[BACKUP_DATABASES];

/* The SHA-256 of a file; copies it to the descriptor `out` on the way unless that is -1. ERR_NOINPUT, ERR_IO. */
int backup_digest(const char *path, int out, char hex[SHA256_HEX_BYTES], struct err *err);

#endif
