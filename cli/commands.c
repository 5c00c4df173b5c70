#include "cli/command.h"

/* In the order of --help. A new command is one declaration and one row. */
extern const struct command command_init, command_key, command_check, command_ingest, command_subjects, command_person, command_quarantine, command_publish, command_run, command_requests, command_retention, command_release, command_history,
    command_report, command_audit, command_protect, command_survey, command_serve, command_status, command_backup, command_restore, command_version;

const struct command *const commands[] = {
    &command_init,
    &command_check,
    &command_run,
    &command_requests,
    &command_ingest,
    &command_subjects,
    &command_person,
    &command_retention,
    &command_quarantine,
    &command_publish,
    &command_release,
    &command_history,
    &command_report,
    &command_audit,
    &command_protect,
    &command_survey,
    &command_serve,
    &command_key,
    &command_backup,
    &command_restore,
    &command_status,
    &command_version,
    NULL,
};
