#include "cli/command.h"

/* In the order of --help. A new command is one declaration and one row. */
extern const struct command command_init, command_check, command_quarantine, command_report, command_audit, command_survey, command_version;

const struct command *const commands[] = {
    &command_init,
    &command_check,
    &command_quarantine,
    &command_report,
    &command_audit,
    &command_survey,
    &command_version,
    NULL,
};
