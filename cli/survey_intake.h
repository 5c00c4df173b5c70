/* The exchange with the survey page's intake (surveys/collect.h) for the surveys of a workspace. */
#ifndef CLI_SURVEY_INTAKE_H
#define CLI_SURVEY_INTAKE_H

#include "core/db.h"
#include "core/keyring.h"
#include "core/workspace.h"
#include "surveys/collect.h"

struct survey_intake {
    const struct workspace *workspace;
    const struct keyring *keyring;
    struct db *surveys;
    int64_t now, k;
};

/* Clicks and finished answers of one survey into surveys.db, so that nobody is asked who has answered or opted out; and the
 * survey's invitations into the intake. Before and after sending. */
int survey_intake_exchange(const struct survey_intake *with, const struct survey *survey, struct collect_result *result, struct err *err);

/* The same for every survey of the workspace. A survey with mistakes in its file is left for later. */
int survey_intake_exchange_all(const struct survey_intake *with, struct collect_result *result, struct err *err);

/* Answers of every survey into surveys.db, where free text has no way back to a person: after whatever persons declared is done. */
int survey_intake_move(const struct survey_intake *with, struct collect_result *result, struct err *err);

#endif
