#include "cli/answer.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/atomfile.h"
#include "core/json_build.h"
#include "core/mem.h"

void answer_name(char out[ANSWER_NAME_MAX], struct slice given)
{
    snprintf(out, ANSWER_NAME_MAX, "%.*s", (int)given.length, given.text);
    for (char *at = out; *at; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *at))
            *at = '_';
}

static int write_file(const struct casework *work, const struct answer *answer, const char *ending, const char *text, struct err *err)
{
    char *path = workspace_path(work->session.workspace, "answers/%s/%s.answer.%s", answer->group, answer->name, ending);
    int code = atomfile_write(path, 0640, (struct slice){ text, strlen(text) }, err);
    free(path);
    return code;
}

static int write_json(const struct casework *work, const struct answer *answer, const char *when, struct err *err)
{
    const struct err *outcome = answer->outcome;
    json_t *object = json_made(json_pack("{s:o, s:s, s:s, s:s, s:i}", "request", json_text_made(answer->name), "who", answer->who, "as_of",
                                         when, "state", answer->state, "exit_status", err_exit_status(outcome->code)));
    if (outcome->code)
        json_set_made(object, "reason", json_text_made(outcome->message));
    json_set_made(object, "answer", json_text_made(answer->text));
    char *json = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (!json)
        mem_fail();
    int code = write_file(work, answer, "json", json, err);
    explicit_bzero(json, strlen(json));
    free(json);
    json_decref(object);
    return code;
}

int answer_write(const struct casework *work, const struct answer *answer, struct err *err)
{
    char when[32];
    struct strbuf page = { 0 };
    calendar_format_instant(work->now, when);
    strbuf_addf(&page, "request: %s\nfrom: %s\nas of: %s\nstate: %s\n", answer->name, answer->who, when, answer->state);
    if (answer->outcome->code)
        strbuf_addf(&page, "reason: %s\n", answer->outcome->message);
    strbuf_addf(&page, "\n%s", answer->text);
    int code = write_json(work, answer, when, err);
    if (!code)
        code = write_file(work, answer, "txt", strbuf_text(&page), err);
    strbuf_wipe(&page);
    return code;
}
