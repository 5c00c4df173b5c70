#include "cli/vendors.h"

#include <stdlib.h>

#include "cli/survey_file.h"
#include "cli/survey_sending.h"

struct telling {
    struct survey_sending sending;
    bool everybody;
};

static int tell(void *context, const char *name, struct err *err)
{
    const struct telling *telling = context;
    const struct survey_sending *sending = &telling->sending;
    struct survey *survey = NULL;
    struct config *config = NULL;
    int code = survey_file_read(&survey, &config, sending->session->workspace, name, err);
    if (code == ERR_CONFIG || (!code && config_problem_count(config)))
        code = 0;
    else if (!code)
        code = survey_sending_tell_vendor(sending, survey, telling->everybody, err);
    survey_free(survey);
    config_free(config);
    return code;
}

int vendors_tell(const struct casework *work, struct db *surveys, struct db *intake, bool everybody, struct err *err)
{
    struct telling telling = { { .session = &work->session, .keyring = work->keyring, .surveys = surveys, .intake = intake,
                                 .outbox = workspace_path(work->session.workspace, "outbox"), .now = work->now }, everybody };
    int code = survey_file_each(work->session.workspace, tell, &telling, err);
    free(telling.sending.outbox);
    return code;
}
