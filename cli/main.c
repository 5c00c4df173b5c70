#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "core/keyring.h"

static int fail(const struct err *err)
{
    fprintf(stderr, "fallzahl: %s\n", err->message);
    return err_exit_status(err->code);
}

/* Output that could not be written is an error, however late it shows. */
static int flush_output(void)
{
    struct err err;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    err_set_errno(&err, ERR_IO, "cannot write to standard output");
    return fail(&err);
}

/* Where the command's name stands: behind `-C DIR`. */
static int command_at(int argc, char **argv)
{
    int at = 1;
    while (at < argc && strncmp(argv[at], "-C", 2) == 0)
        at += argv[at][2] ? 1 : 2;
    return at;
}

static bool asks_for_list(int argc, char **argv, int at)
{
    return at < argc && (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0 || (strcmp(argv[at], "help") == 0 && at + 1 == argc));
}

int main(int argc, char **argv)
{
    struct invocation invocation;
    struct err err = { 0 };
    const int at = command_at(argc, argv);
    if (keyring_harden_process(&err))
        return fail(&err);
    if (argc < 2 || asks_for_list(argc, argv, at)) {
        command_list();
        return argc < 2 ? err_exit_status(ERR_USAGE) : flush_output();
    }
    if (at + 2 == argc && strcmp(argv[at], "help") == 0) {
        static char help[] = "--help";
        argv[at] = argv[at + 1];
        argv[at + 1] = help;
    }
    if (at < argc && strcmp(argv[at], "--version") == 0)
        argv[at] = argv[at] + 2;
    if (invocation_parse(&invocation, argc, argv, &err))
        return fail(&err);
    if (invocation_has(&invocation, "help"))
        command_help(invocation.command);
    else if (invocation.command->run(&invocation, &err)) {
        fflush(stdout);
        return fail(&err);
    }
    return flush_output();
}
