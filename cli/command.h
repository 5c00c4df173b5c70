/* Commands: one row each in cli/commands.c, one function each in cli/cmd_<name>.c. Options are stated in the row, parsed
 * before the function runs and printed by --help; data goes to stdout, messages to stderr. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/clock.h"
#include "core/err.h"

enum { COMMAND_MAX_OPTIONS = 24 };

struct command_option {
    const char *name;     /* without the dashes */
    const char *argument; /* what --help shows for its value; NULL: a flag without one */
    const char *doc;
};

/* What the user asked for, after parsing. */
struct invocation {
    const struct command *command;
    const char *folder;      /* -C DIR, "." by default: the workspace */
    bool json, quiet;
    struct clock clock;      /* --as-of */
    size_t argument_count;   /* what is left after the options */
    const char *const *arguments;
    size_t option_count;     /* options given, in order; a repeated one stands several times */
    struct {
        const struct command_option *option;
        const char *value;
    } options[256];
};

struct command {
    const char *name;
    const char *usage;       /* after the name: "FILE..." */
    const char *summary;     /* one line for the list */
    const char *help;        /* what it does, with examples; may be long */
    size_t minimum_arguments, maximum_arguments;
    int (*run)(const struct invocation *invocation, struct err *err);
    struct command_option options[COMMAND_MAX_OPTIONS]; /* ends with a NULL name */
};

extern const struct command *const commands[]; /* ends with NULL */

/* The value of an option (the last one given), NULL if it was not; whether it was given; the i-th value of a repeated one. */
const char *invocation_value(const struct invocation *invocation, const char *name);
bool invocation_has(const struct invocation *invocation, const char *name);
const char *invocation_each(const struct invocation *invocation, const char *name, size_t i);
/* A whole number in [minimum, maximum], or the fallback if not given. ERR_USAGE. */
int invocation_integer(const struct invocation *invocation, const char *name, long minimum, long maximum, long *value,
                       struct err *err);

int invocation_parse(struct invocation *invocation, int argc, char **argv, struct err *err);
void command_help(const struct command *command);
void command_list(void);

#endif
