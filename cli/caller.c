#include "cli/caller.h"

#include <pwd.h>
#include <stdio.h>

void caller_name(uid_t uid, char out[CALLER_MAX])
{
    const struct passwd *user = getpwuid(uid);
    if (user)
        snprintf(out, CALLER_MAX, "%s", user->pw_name);
    else
        snprintf(out, CALLER_MAX, "uid %u", (unsigned)uid);
}
