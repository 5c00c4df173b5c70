/* A workspace opened for a command: its configuration checked and compiled by every module, in one place.
 *
 * A configuration with problems opens nothing: session_open() prints each problem as file:line:column on stderr and
 * fails with ERR_CONFIG. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cli/command.h"
#include "core/workspace.h"
#include "etl/source.h"
#include "etl/term.h"
#include "stats/derived/derived_config.h"
#include "stats/table_config.h"
#include "surveys/brand.h"
#include "surveys/mail_config.h"
#include "surveys/policy.h"

struct session {
    struct workspace *workspace;
    struct sources *sources;
    struct table_config *tables;
    struct derived_config *derived;
    struct term term;
    struct survey_policy policy;
    struct brands brands;
    struct mail_config mail;
};

/* All tables of rules, for config_check() and docs/configuration.md; ends with NULL. */
extern const struct config_rule *const session_rules[];

/* Opens the workspace of the invocation (-C). ERR_NOINPUT, ERR_CONFIG. The session is zeroed on failure. */
int session_open(struct session *session, const struct invocation *invocation, struct err *err);
void session_close(struct session *session); /* a zeroed one is fine */

/* As session_open(), but leaves the problems in the configuration: for `check`. Fails only where there is no tree. */
int session_inspect(struct session *session, const char *folder, struct err *err);

/* Prints the problems on stderr, if there are any; ERR_CONFIG then. */
int session_judge(const struct session *session, struct err *err);

#endif
