#include "cli/answer.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/json_build.h"
#include "core/mem.h"

enum { ANSWER_BYTES_MAX = 1 << 28 };

void answer_name(char out[ANSWER_NAME_MAX], struct slice given)
{
    snprintf(out, ANSWER_NAME_MAX, "%.*s", (int)given.length, given.text);
    for (char *at = out; *at; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *at))
            *at = '_';
    if (out[0] == '.')
        out[0] = '_'; /* what is hidden nobody would find */
}

static char *path_of(const struct casework *work, const struct answer *answer, const char *former, const char *ending)
{
    return workspace_path(work->session.workspace, "answers/%s/%s%s%.8s.answer.%s", answer->group, answer->name, *former ? "-" : "", former,
                          ending);
}

static int move(const struct casework *work, const struct answer *answer, const char *former, const char *ending, struct err *err)
{
    char *from = path_of(work, answer, "", ending), *to = path_of(work, answer, former, ending);
    int code = rename(from, to) && errno != ENOENT ? err_set_errno(err, ERR_IO, "cannot rename '%s'", from) : 0;
    free(from);
    free(to);
    return code;
}

/* An answer that lies there to something else is kept. The file with the instant, by which both expire, moves last: a killed run is
 * made up for. */
static int keep_former(const struct casework *work, const struct answer *answer, struct err *err)
{
    struct strbuf text = { 0 };
    char *path = path_of(work, answer, "", "json");
    int code = access(path, F_OK) == 0 ? atomfile_read(path, ANSWER_BYTES_MAX, &text, err) : 0;
    json_t *former = json_loadb(strbuf_text(&text), text.length, 0, NULL);
    const char *digest = json_string_value(json_object_get(former, "digest"));
    if (!code && digest && strcmp(digest, answer->digest) != 0) {
        code = move(work, answer, digest, "txt", err);
        if (!code)
            code = move(work, answer, digest, "json", err);
    }
    json_decref(former);
    strbuf_wipe(&text);
    free(path);
    return code;
}

static int write_file(const struct casework *work, const struct answer *answer, const char *ending, const char *text, struct err *err)
{
    char *path = path_of(work, answer, "", ending);
    int code = atomfile_write(path, 0640, (struct slice){ text, strlen(text) }, err);
    free(path);
    return code;
}

static int write_json(const struct casework *work, const struct answer *answer, const char *when, struct err *err)
{
    const struct err *outcome = answer->outcome;
    json_t *object = json_made(json_pack("{s:o, s:s, s:s, s:s, s:i}", "request", json_text_made(answer->name), "who", answer->who, "as_of",
                                         when, "state", answer->state, "exit_status", err_exit_status(outcome->code)));
    if (answer->digest)
        json_set_made(object, "digest", json_string(answer->digest));
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
    int code = answer->digest ? keep_former(work, answer, err) : 0;
    if (!code)
        code = write_json(work, answer, when, err);
    if (!code)
        code = write_file(work, answer, "txt", strbuf_text(&page), err);
    strbuf_wipe(&page);
    return code;
}
