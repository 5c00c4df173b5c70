#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command_option common_options[] = {
    { "as-of", "INSTANT", "the clock to use instead of the machine's (2026-01-31 or 2026-01-31T03:00:00Z)" },
    { "json", NULL, "print JSON on stdout" },
    { "quiet", NULL, "no progress and no notes on stderr" },
    { "help", NULL, "print this help" },
};
enum { COMMON_OPTIONS = sizeof common_options / sizeof *common_options };

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static bool names(const struct command_option *option, const char *text, size_t length)
{
    return strlen(option->name) == length && strncmp(option->name, text, length) == 0;
}

static const struct command_option *find_option(const struct command *command, const char *text, size_t length)
{
    for (size_t i = 0; i < COMMAND_MAX_OPTIONS && command->options[i].name; i++)
        if (names(&command->options[i], text, length))
            return &command->options[i];
    for (size_t i = 0; i < COMMON_OPTIONS; i++)
        if (names(&common_options[i], text, length))
            return &common_options[i];
    return NULL;
}

static int keep_option(struct invocation *invocation, const struct command_option *option, const char *value,
                       struct err *err)
{
    if (strcmp(option->name, "json") == 0)
        invocation->json = true;
    if (strcmp(option->name, "quiet") == 0)
        invocation->quiet = true;
    if (strcmp(option->name, "as-of") == 0)
        return clock_inject(&invocation->clock, value, err);
    size_t capacity = sizeof invocation->options / sizeof *invocation->options;
    if (invocation->option_count == capacity)
        return err_set(err, ERR_USAGE, "more than %zu options", capacity);
    invocation->options[invocation->option_count].option = option;
    invocation->options[invocation->option_count++].value = value;
    return 0;
}

/* Parses the long option argv[*at] and, where it takes one, its value. */
static int parse_option(struct invocation *invocation, int argc, char **argv, int *at, struct err *err)
{
    const char *text = argv[*at] + 2;
    size_t length = strcspn(text, "=");
    const struct command_option *option = find_option(invocation->command, text, length);
    if (!option)
        return err_set(err, ERR_USAGE, "unknown option '%s' for '%s'; see 'fallzahl %s --help'", argv[*at],
                       invocation->command->name, invocation->command->name);
    const char *value = text[length] == '=' ? text + length + 1 : NULL;
    if (!option->argument && value)
        return err_set(err, ERR_USAGE, "option '--%s' takes no value", option->name);
    if (option->argument && !value) {
        if (*at + 1 >= argc)
            return err_set(err, ERR_USAGE, "option '--%s' needs a value (%s)", option->name, option->argument);
        value = argv[++*at];
    }
    return keep_option(invocation, option, value, err);
}

static int parse_folder(struct invocation *invocation, int argc, char **argv, int *at, struct err *err)
{
    if (argv[*at][2])
        invocation->folder = argv[*at] + 2;
    else if (*at + 1 < argc)
        invocation->folder = argv[++*at];
    else
        return err_set(err, ERR_USAGE, "option '-C' needs a folder");
    return 0;
}

/* Everything after the command's name. Arguments are moved to the front of argv, which keeps them. */
static int parse_rest(struct invocation *invocation, int argc, char **argv, int at, struct err *err)
{
    int kept = 0;
    bool options = true;
    for (; at < argc; at++) {
        int code = 0;
        if (options && strcmp(argv[at], "--") == 0)
            options = false;
        else if (options && strncmp(argv[at], "--", 2) == 0)
            code = parse_option(invocation, argc, argv, &at, err);
        else if (options && strncmp(argv[at], "-C", 2) == 0)
            code = parse_folder(invocation, argc, argv, &at, err);
        else if (options && strcmp(argv[at], "-h") == 0)
            code = keep_option(invocation, &common_options[3], NULL, err);
        else if (options && argv[at][0] == '-' && argv[at][1])
            code = err_set(err, ERR_USAGE, "unknown option '%s'", argv[at]);
        else
            argv[kept++] = argv[at];
        if (code)
            return code;
    }
    invocation->argument_count = (size_t)kept;
    invocation->arguments = (const char *const *)argv;
    return 0;
}

int invocation_parse(struct invocation *invocation, int argc, char **argv, struct err *err)
{
    *invocation = (struct invocation) { .folder = "." };
    int at = 1;
    for (; at < argc && strncmp(argv[at], "-C", 2) == 0; at++) {
        int code = parse_folder(invocation, argc, argv, &at, err);
        if (code)
            return code;
    }
    if (at >= argc)
        return err_set(err, ERR_USAGE, "no command given; see 'fallzahl --help'");
    invocation->command = find_command(argv[at]);
    if (!invocation->command)
        return err_set(err, ERR_USAGE, "unknown command '%s'; see 'fallzahl --help'", argv[at]);
    int code = parse_rest(invocation, argc, argv, at + 1, err);
    if (code || invocation_has(invocation, "help"))
        return code;
    const struct command *command = invocation->command;
    if (invocation->argument_count < command->minimum_arguments)
        return err_set(err, ERR_USAGE, "'%s' needs %s; see 'fallzahl %s --help'", command->name, command->usage, command->name);
    if (invocation->argument_count > command->maximum_arguments)
        return err_set(err, ERR_USAGE, "too many arguments for '%s'; see 'fallzahl %s --help'", command->name, command->name);
    return 0;
}

const char *invocation_each(const struct invocation *invocation, const char *name, size_t i)
{
    for (size_t at = 0; at < invocation->option_count; at++)
        if (strcmp(invocation->options[at].option->name, name) == 0 && i-- == 0)
            return invocation->options[at].value;
    return NULL;
}

const char *invocation_value(const struct invocation *invocation, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; invocation_each(invocation, name, i); i++)
        value = invocation_each(invocation, name, i);
    return value;
}

bool invocation_has(const struct invocation *invocation, const char *name)
{
    for (size_t at = 0; at < invocation->option_count; at++)
        if (strcmp(invocation->options[at].option->name, name) == 0)
            return true;
    return false;
}

int invocation_integer(const struct invocation *invocation, const char *name, long minimum, long maximum, long *value,
                       struct err *err)
{
    const char *text = invocation_value(invocation, name);
    if (!text)
        return 0;
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end || number < minimum || number > maximum)
        return err_set(err, ERR_USAGE, "option '--%s' is not a whole number from %ld to %ld", name, minimum, maximum);
    *value = number;
    return 0;
}

static void print_options(const struct command_option *options, size_t count)
{
    for (size_t i = 0; i < count && options[i].name; i++) {
        const struct command_option *option = &options[i];
        int width = printf("  --%s%s%s", option->name, option->argument ? " " : "", option->argument ? option->argument : "");
        printf("%*s%s\n", width < 26 ? 26 - width : 1, "", option->doc);
    }
}

void command_help(const struct command *command)
{
    printf("fallzahl %s %s\n\n%s\n", command->name, command->usage, command->help);
    if (command->options[0].name)
        printf("Options:\n");
    print_options(command->options, COMMAND_MAX_OPTIONS);
    printf("Everywhere:\n  -C DIR                  the workspace (default: this folder)\n");
    print_options(common_options, COMMON_OPTIONS);
}

void command_list(void)
{
    printf("fallzahl COMMAND [OPTION]...\n\n"
           "Closed customer-service cases in, statistics out in which nobody can be found.\n\nCommands:\n");
    for (size_t i = 0; commands[i]; i++)
        printf("  %-12s %s\n", commands[i]->name, commands[i]->summary);
    printf("\n'fallzahl COMMAND --help' explains one, with examples.\n");
}
