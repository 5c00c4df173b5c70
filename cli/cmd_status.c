/* `fallzahl status`: what the workspace holds and how the last run went, for the operator. */
#include "cli/command.h"

#include <dirent.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/evidence_head.h"
#include "cli/session.h"
#include "core/db.h"
#include "core/json_build.h"
#include "core/mem.h"
#include "core/runlog.h"
#include "core/strbuf.h"
#include "etl/inbox.h"

enum { DAY_SECONDS = 86400 };

static json_t *last_run(const struct workspace *workspace)
{
    char *folder = workspace_path(workspace, "state/runs");
    char *text = runlog_newest(folder);
    json_t *run = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    free(folder);
    return run ? run : json_null();
}

static json_t *latest_release(const struct workspace *workspace)
{
    char target[256];
    char *link = workspace_path(workspace, "published/latest");
    ssize_t length = readlink(link, target, sizeof target - 1);
    free(link);
    return length > 0 ? json_stringn(target, (size_t)length) : json_null();
}

static int count_files(const char *folder)
{
    int count = 0;
    DIR *open = opendir(folder);
    const struct dirent *entry;
    while (open && (entry = readdir(open)))
        count += entry->d_name[0] != '.';
    if (open)
        closedir(open);
    return count;
}

static json_t *waiting(const struct workspace *workspace, const char *name)
{
    char *folder = workspace_path(workspace, "%s", name);
    json_t *count = json_integer(count_files(folder));
    free(folder);
    return count;
}

static const char *unread_because(const struct inbox_file *file)
{
    return !file->source ? "no source reads it" : file->ready ? "read by the next night, or rejected by the last" : "not complete";
}

/* With their names: nothing else tells what lies there, for nothing deletes or searches what was not read. */
static json_t *unread_files(const struct session *session, int64_t now)
{
    json_t *list = json_made(json_array());
    char *folder = workspace_path(session->workspace, "inbox");
    struct inbox inbox = { 0 };
    (void)inbox_list(&inbox, folder, session->sources, now, NULL);
    for (size_t i = 0; i < inbox.count; i++) {
        json_t *file = json_made(json_object());
        json_set_made(file, "file", json_text_made(inbox.list[i].name));
        json_set_made(file, "days", json_integer(inbox.list[i].age_s / DAY_SECONDS));
        json_set_made(file, "state", json_string(unread_because(&inbox.list[i])));
        json_append_made(list, file);
    }
    inbox_release(&inbox);
    free(folder);
    return list;
}

static int count_cases(struct db *cases, const char *source, int64_t *count, struct err *err)
{
    struct strbuf sql = { 0 };
    strbuf_addf(&sql, "SELECT count(*) FROM case_%s", db_identifier(source));
    int code = db_integer(cases, strbuf_text(&sql), count, err);
    strbuf_release(&sql);
    return code;
}

/* Stored cases by source; an empty object while nothing was stored. */
static int stored_cases(const struct workspace *workspace, json_t *stored, struct err *err)
{
    struct db *cases = NULL;
    struct stmt *sources = NULL;
    char *path = workspace_path(workspace, "state/cases.db");
    int code = db_open(&cases, path, "cases", DB_READ, err);
    free(path);
    if (code == ERR_NOINPUT)
        return 0;
    if (!code)
        code = db_prepare_text(cases, "SELECT name FROM source ORDER BY name", &sources, err);
    while (!code && (code = stmt_step(sources, err)) == 1) {
        int64_t count = 0;
        code = count_cases(cases, stmt_text(sources, 0, NULL), &count, err);
        json_object_set_new(stored, stmt_text(sources, 0, NULL), json_integer(count));
    }
    stmt_free(sources);
    db_close(cases);
    return code;
}

static void print_run(const json_t *run)
{
    size_t i;
    const json_t *step;
    if (json_is_null(run)) {
        printf("last run: none\n");
        return;
    }
    printf("last run: %s at %s, %s\n", json_string_value(json_object_get(run, "command")), json_string_value(json_object_get(run, "as_of")),
           json_string_value(json_object_get(run, "state")));
    json_array_foreach(json_object_get(run, "steps"), i, step) {
        const char *message = json_string_value(json_object_get(step, "message"));
        printf("  %s: %s%s%s\n", json_string_value(json_object_get(step, "step")), json_string_value(json_object_get(step, "state")),
               message ? ": " : "", message ? message : "");
    }
}

static void print_text(const json_t *status)
{
    const char *name, *release = json_string_value(json_object_get(status, "latest_release"));
    json_t *count;
    const json_t *file;
    size_t i;
    print_run(json_object_get(status, "last_run"));
    json_object_foreach(json_object_get(status, "stored_cases"), name, count)
        printf("stored cases of %s: %lld\n", name, (long long)json_integer_value(count));
    printf("latest release: %s\n", release ? release : "none");
    printf("files in the inbox: %lld\n", (long long)json_integer_value(json_object_get(status, "inbox_files")));
    json_array_foreach(json_object_get(status, "inbox_unread"), i, file)
        printf("  %s: for %lld days; %s\n", json_string_value(json_object_get(file, "file")),
               (long long)json_integer_value(json_object_get(file, "days")), json_string_value(json_object_get(file, "state")));
    printf("files in quarantine: %lld\n", (long long)json_integer_value(json_object_get(status, "quarantine_files")));
}

static void print_evidence(const struct evidence_state *state, const struct invocation *invocation)
{
    char hex[2 * EVIDENCE_HASH_BYTES + 1];
    const struct evidence_report *report = &state->report;
    sodium_bin2hex(hex, sizeof hex, report->head.hash, sizeof report->head.hash);
    if (invocation->json)
        printf("{\"lines\": %lld, \"head\": \"%s\", \"open\": %lld, \"torn\": %s, \"heads_compared\": %zu, \"whole\": %s}\n",
               (long long)report->head.number, hex, (long long)report->open, report->torn ? "true" : "false", state->heads,
               evidence_state_result(state, NULL) ? "false" : "true");
    else
        printf("evidence log: %lld lines verified, %lld acts without outcome%s, %zu heads compared%s\nhead: %s\n",
               (long long)report->head.number, (long long)report->open, report->open ? " (killed, or at work now)" : "", state->heads,
               report->torn ? "; a last line without its end is not counted (its writer was killed, or it was torn off)" : "", hex);
}

static int run_evidence(const struct session *session, const struct invocation *invocation, struct err *err)
{
    struct evidence_state state = { 0 };
    int code = evidence_state_read(session->workspace, invocation_value(invocation, "head"), &state, err);
    if (code)
        return code;
    print_evidence(&state, invocation);
    code = evidence_state_result(&state, err);
    evidence_state_release(&state);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    struct session session;
    int code = session_open(&session, invocation, err);
    if (code)
        return code;
    if (invocation_has(invocation, "evidence")) {
        code = run_evidence(&session, invocation, err);
        session_close(&session);
        return code;
    }
    json_t *status = json_object(), *stored = json_object();
    const int unread = stored_cases(session.workspace, stored, err);
    const int lost = workspace_require_databases(session.workspace, err); /* why, and the way on */
    json_object_set_new(status, "last_run", last_run(session.workspace));
    json_object_set_new(status, "stored_cases", stored);
    json_object_set_new(status, "latest_release", latest_release(session.workspace));
    json_object_set_new(status, "inbox_files", waiting(session.workspace, "inbox"));
    json_object_set_new(status, "inbox_unread", unread_files(&session, clock_now(&invocation->clock)));
    json_object_set_new(status, "quarantine_files", waiting(session.workspace, "quarantine"));
    if (!unread && invocation->json) {
        json_dumpf(status, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
    } else if (!unread) {
        print_text(status);
    }
    json_decref(status);
    session_close(&session);
    return lost ? lost : unread;
}

const struct command command_status = {
    .name = "status",
    .usage = "",
    .summary = "what is stored, and how the last run went",
    .help = "Prints the last run with its steps, the stored cases of each source, the latest release, and what waits in the inbox,\n"
            "with names and age, and in quarantine. For the operator: its exact numbers are not for publication.\n"
            "Ends with status 65 if a database is lost.\n\n"
            "Examples:\n"
            "  fallzahl status\n"
            "  fallzahl status --json | jq .last_run.state\n"
            "  fallzahl status --evidence --head copies/evidence-head-2026-02-03T02:00:00Z.txt\n",
    .run = run,
    .options = {
        { "evidence", NULL, "verify state/evidence.log, also against the heads in answers/dpo; 65 if it was changed, cut off or is gone" },
        { "head", "FILE", "with --evidence: compare with this copy of a head, too" },
    },
};
