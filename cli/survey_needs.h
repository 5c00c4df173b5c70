/* What the surveys of a workspace need, from their files. */
#ifndef CLI_SURVEY_NEEDS_H
#define CLI_SURVEY_NEEDS_H

#include "core/workspace.h"
#include "surveys/needs.h"

/* Reads all of surveys/. One with mistakes needs nothing: it cannot be sent. Released by the caller, also after a failure. */
int survey_needs_read(struct needs *needs, const struct workspace *workspace, struct err *err);

#endif
