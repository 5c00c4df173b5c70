/* A survey's file, surveys/<name>.yaml, checked against its own schema and against the workspace that it lies in. */
#ifndef CLI_SURVEY_FILE_H
#define CLI_SURVEY_FILE_H

#include "core/workspace.h"
#include "surveys/definition.h"

/* Reads and compiles it; problems (its own, and a source, dimension or controller that fallzahl.yaml does not have)
 * stay in `config`. ERR_NOINPUT, ERR_CONFIG for what cannot be read. The survey lives as long as the configuration. */
int survey_file_read(struct survey **survey, struct config **config, const struct workspace *workspace,
                     const char *name, struct err *err);

/* Calls `visit` for the name of each survey of the workspace, in alphabetical order, until it fails. */
int survey_file_each(const struct workspace *workspace, int (*visit)(void *context, const char *name, struct err *err),
                     void *context, struct err *err);

#endif
