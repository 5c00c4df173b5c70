/* What core/keyring.c (reading keys) and core/keyring_change.c (making and destroying them) share. */
#ifndef CORE_KEYRING_INTERNAL_H
#define CORE_KEYRING_INTERNAL_H

#include "core/keyring.h"

/* A key file is 64 hex digits and a line feed. */
enum { KEY_HEX = 2 * KEY_BYTES, KEY_FILE_BYTES = KEY_HEX + 1, KEY_NAME_MAX = 64 };

/* A descriptor of the folder once it is known to be 0700 and ours. */
int keyring_open_folder(const char *folder, int *fd, struct err *err);

#endif
