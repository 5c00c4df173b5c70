#include "cli/survey_intake.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/survey_file.h"

/* The intake open for one exchange. */
struct exchange {
    const struct survey_intake *with;
    struct collect_input input;
    struct redactor *redactor;
    struct collect_result *result;
    int (*run)(const struct exchange *exchange, struct err *err); /* for each survey */
};

static int open_exchange(struct exchange *exchange, const struct survey_intake *with, struct collect_result *result, struct err *err)
{
    char *path = workspace_path(with->workspace, "state/intake.db");
    *exchange = (struct exchange){ .with = with, .result = result };
    exchange->input = (struct collect_input){ .surveys = with->surveys, .keyring = with->keyring, .zone = with->workspace->zone,
                                              .now = with->now, .k = with->k };
    redactor_init(&exchange->redactor);
    exchange->input.redactor = exchange->redactor;
    int code = db_open(&exchange->input.intake, path, "intake", DB_CREATE, err);
    free(path);
    return code;
}

static void close_exchange(struct exchange *exchange)
{
    db_close(exchange->input.intake);
    redactor_free(exchange->redactor);
}

static int exchange_acts(const struct exchange *exchange, struct err *err)
{
    int code = collect_acts(&exchange->input, exchange->result, err);
    return code ? code : collect_issue(&exchange->input, exchange->result, err);
}

int survey_intake_exchange(const struct survey_intake *with, const struct survey *survey, struct collect_result *result, struct err *err)
{
    struct exchange exchange;
    int code = open_exchange(&exchange, with, result, err);
    exchange.input.survey = survey;
    if (!code)
        code = exchange_acts(&exchange, err);
    close_exchange(&exchange);
    return code;
}

static int move_answers(const struct exchange *exchange, struct err *err)
{
    return collect_answers(&exchange->input, exchange->result, err);
}

static int visit(void *context, const char *name, struct err *err)
{
    struct exchange *exchange = context;
    struct survey *survey = NULL;
    struct config *config = NULL;
    int code = survey_file_read(&survey, &config, exchange->with->workspace, name, NULL);
    if (code || config_result(config, NULL)) {
        fprintf(stderr, "fallzahl: surveys/%s.yaml has mistakes; its answers wait (see 'fallzahl check')\n", name);
        code = 0;
    } else {
        exchange->input.survey = survey;
        code = exchange->run(exchange, err);
    }
    survey_free(survey);
    config_free(config);
    return code;
}

static int with_all(const struct survey_intake *with, int (*run)(const struct exchange *, struct err *), struct collect_result *result, struct err *err)
{
    struct exchange exchange;
    int code = open_exchange(&exchange, with, result, err);
    exchange.run = run;
    if (!code)
        code = survey_file_each(with->workspace, visit, &exchange, err);
    close_exchange(&exchange);
    return code;
}

int survey_intake_exchange_all(const struct survey_intake *with, struct collect_result *result, struct err *err)
{
    return with_all(with, exchange_acts, result, err);
}

int survey_intake_move(const struct survey_intake *with, struct collect_result *result, struct err *err)
{
    return with_all(with, move_answers, result, err);
}
