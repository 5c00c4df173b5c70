#include "cli/vendors.h"

#include <stdlib.h>

#include "cli/survey_file.h"
#include "cli/survey_sending.h"

static int tell(void *context, const char *name, struct err *err)
{
    const struct survey_sending *sending = context;
    struct survey *survey = NULL;
    struct config *config = NULL;
    int code = survey_file_read(&survey, &config, sending->session->workspace, name, err);
    if (code == ERR_CONFIG || (!code && config_problem_count(config)))
        code = 0;
    else if (!code)
        code = survey_sending_tell_vendor(sending, survey, err);
    survey_free(survey);
    config_free(config);
    return code;
}

int vendors_tell(const struct casework *work, struct db *surveys, struct db *intake, struct err *err)
{
    struct survey_sending sending = { .session = &work->session, .keyring = work->keyring, .surveys = surveys, .intake = intake,
                                      .outbox = workspace_path(work->session.workspace, "outbox"), .now = work->now };
    int code = survey_file_each(work->session.workspace, tell, &sending, err);
    free(sending.outbox);
    return code;
}
