#include <stdlib.h>
#include <unistd.h>

#include "cli/night.h"
#include "cli/survey_intake.h"

/* Answers that came through the page, opt-outs and confirmations. Nothing to do in a workspace that never asked anybody. */
int night_answers(struct night *night, struct err *err)
{
    const struct workspace *workspace = night->work.session.workspace;
    char *path = workspace_path(workspace, "state/surveys.db");
    struct survey_intake with = { .workspace = workspace, .keyring = night->work.keyring, .now = night->work.now, .k = night->work.session.tables->k };
    struct collect_result result = { 0 };
    int code = access(path, F_OK) == 0 ? db_open(&with.surveys, path, "surveys", DB_WRITE, err) : 0;
    if (!code && with.surveys)
        code = survey_intake_night(&with, &result, err);
    db_close(with.surveys);
    free(path);
    runlog_count(night->work.runlog, "links_issued", result.issued);
    runlog_count(night->work.runlog, "opt_outs", result.opt_outs);
    runlog_count(night->work.runlog, "answers_moved", result.moved);
    runlog_count(night->work.runlog, "answers_waiting", result.waiting);
    runlog_count(night->work.runlog, "answers_discarded", result.discarded);
    runlog_count(night->work.runlog, "answers_unreadable", result.unreadable);
    return code;
}
