#include "cli/survey_needs.h"

#include "cli/survey_file.h"

struct reading {
    struct needs *needs;
    const struct workspace *workspace;
};

static int add(void *context, const char *name, struct err *err)
{
    const struct reading *reading = context;
    struct survey *survey = NULL;
    struct config *config = NULL;
    int code = survey_file_read(&survey, &config, reading->workspace, name, err);
    if (code == ERR_CONFIG)
        return 0;
    if (!code && config_problem_count(config) == 0)
        needs_add(reading->needs, survey);
    survey_free(survey);
    config_free(config);
    return code;
}

int survey_needs_read(struct needs *needs, const struct workspace *workspace, struct err *err)
{
    struct reading reading = { needs, workspace };
    return survey_file_each(workspace, add, &reading, err);
}
