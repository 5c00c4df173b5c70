#include "cli/command.h"

#include <stdio.h>

#include "cli/version.h"

static int run(const struct invocation *invocation, struct err *err)
{
    (void)err;
    if (invocation->json)
        printf("{\"version\": \"%s\"}\n", FALLZAHL_VERSION);
    else
        printf("fallzahl %s\n", FALLZAHL_VERSION);
    return 0;
}

const struct command command_version = {
    .name = "version",
    .usage = "",
    .summary = "print the version",
    .help = "Prints the program's version.\n\nExample:\n  fallzahl version\n",
    .run = run,
};
