/* Names of users, for records of who did what. */
#ifndef CLI_CALLER_H
#define CLI_CALLER_H

#include <sys/types.h>

enum { CALLER_MAX = 64 };

/* The user's name, or "uid 1234" for one without. */
void caller_name(uid_t uid, char out[CALLER_MAX]);

#endif
