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

int main(int argc, char **argv)
{
    struct invocation invocation;
    struct err err = { 0 };
    if (keyring_harden_process(&err))
        return fail(&err);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        (strcmp(argv[1], "help") == 0 && argc == 2)) {
        command_list();
        return argc < 2 ? err_exit_status(ERR_USAGE) : flush_output();
    }
    if (strcmp(argv[1], "help") == 0 && argc == 3) {
        static char help[] = "--help";
        argv[1] = argv[2];
        argv[2] = help;
    }
    if (strcmp(argv[1], "--version") == 0)
        argv[1] = argv[1] + 2;
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
