#include "cli/casework.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "core/atomfile.h"
#include "core/json_build.h"
#include "etl/known_kinds.h"

static int open_keyring(struct casework *casework, struct err *err)
{
    char *path = workspace_path(casework->session.workspace, "keys");
    int code = keyring_open(&casework->keyring, path, err);
    free(path);
    return code;
}

static int open_store(struct casework *casework, struct err *err)
{
    char *path = workspace_path(casework->session.workspace, "state/cases.db");
    int code = store_open(&casework->store, path, casework->keyring, err);
    free(path);
    if (!code)
        code = known_kinds_check(casework->store.db, casework->session.sources, casework->session.workspace->config, err);
    if (!code)
        code = session_judge(&casework->session, err);
    return code ? code : case_tables_sync(&casework->tables, &casework->store, casework->session.sources, err);
}

static int begin_runlog(struct casework *casework, const struct invocation *invocation, struct err *err)
{
    char *path = workspace_path(casework->session.workspace, "state/runs");
    int code = runlog_begin(&casework->runlog, path, invocation->command->name, &invocation->clock, err);
    free(path);
    return code;
}

static void fill_ingest(struct casework *casework, const struct invocation *invocation)
{
    const struct session *session = &casework->session;
    casework->quarantine_folder = workspace_path(session->workspace, "quarantine");
    casework->inputs_folder = workspace_path(session->workspace, "state/inputs");
    survey_desk_init(&casework->desk, session->workspace, casework->keyring, casework->now);
    casework->ingest = (struct ingest){ .store = &casework->store, .tables = &casework->tables,
                                        .sources = session->sources, .quarantine_folder = casework->quarantine_folder,
                                        .inputs_folder = casework->inputs_folder, .now = casework->now,
                                        .quiet = invocation->quiet, .term = session->term,
                                        .desk = &casework->desk.desk };
}

/* What a killed run left half-written. */
static int clean_folders(const struct casework *casework, struct err *err)
{
    int code = atomfile_clean(casework->quarantine_folder, err);
    if (!code)
        code = atomfile_mkdir(casework->inputs_folder, 0700, err);
    return code ? code : atomfile_clean(casework->inputs_folder, err);
}

int casework_open(struct casework *casework, const struct invocation *invocation, enum workspace_act act,
                  struct err *err)
{
    *casework = (struct casework){ .now = clock_now(&invocation->clock), .clock = &invocation->clock };
    int code = session_open(&casework->session, invocation, err);
    if (!code)
        code = workspace_enter(casework->session.workspace, &invocation->clock, act, err);
    if (!code)
        code = begin_runlog(casework, invocation, err);
    if (!code)
        code = open_keyring(casework, err);
    if (!code)
        code = open_store(casework, err);
    if (code)
        return casework_close(casework, code, err);
    fill_ingest(casework, invocation);
    code = clean_folders(casework, err);
    return code ? casework_close(casework, code, err) : 0;
}

/* Keeps the first error. */
static int first(int code, int other, const struct err *other_err, struct err *err)
{
    if (code || !other)
        return code;
    if (err)
        *err = *other_err;
    return other;
}

int casework_close(struct casework *casework, int code, struct err *err)
{
    struct err closing = { 0 };
    if (casework->store.db)
        code = first(code, db_checkpoint(casework->store.db, &closing), &closing, err);
    if (casework->runlog)
        code = first(code, runlog_end(casework->runlog, err_exit_status(code), &closing), &closing, err);
    if (casework->desk.surveys)
        code = first(code, db_checkpoint(casework->desk.surveys, &closing), &closing, err);
    survey_desk_close(&casework->desk);
    case_tables_release(&casework->tables);
    store_close(&casework->store);
    keyring_free(casework->keyring);
    free(casework->quarantine_folder);
    free(casework->inputs_folder);
    session_close(&casework->session);
    *casework = (struct casework){ 0 };
    return code;
}

int casework_step(struct casework *casework, const char *name, struct err *err)
{
    casework->step = (struct act){ .workspace = casework->session.workspace, .clock = casework->clock, .name = name };
    int code = runlog_step(casework->runlog, name, err);
    return code ? code : act_begin(&casework->step, err);
}

int casework_step_end(struct casework *casework, const struct err *outcome, struct err *err)
{
    char *counts = runlog_step_counts(casework->runlog);
    struct err failure;
    int failed = act_end(&casework->step, outcome->code, counts, &failure);
    free(counts);
    int code = runlog_step_end(casework->runlog, outcome, err);
    if (!code && failed != (int)outcome->code) {
        code = failed;
        *err = failure;
    }
    return code;
}

static void count(struct runlog *log, const struct ingest_result *result)
{
    runlog_count(log, "files", 1);
    runlog_count(log, "already", result->already);
    runlog_count(log, "rows", (int64_t)result->map.rows);
    runlog_count(log, "stored", (int64_t)result->load.stored);
    runlog_count(log, "updated", (int64_t)result->load.updated);
    runlog_count(log, "left", (int64_t)result->load.left);
    runlog_count(log, "vanished", (int64_t)result->vanished);
    runlog_count(log, "held", (int64_t)(result->load.held + result->vanished_held));
    runlog_count(log, "rejected", (int64_t)result->map.rejected);
    runlog_count(log, "past_term", (int64_t)result->load.past_term);
    runlog_count(log, "barred", (int64_t)result->load.barred);
    runlog_count(log, "set_aside", (int64_t)result->identity.set_aside);
    runlog_count(log, "dropped_columns", (int64_t)result->dropped_columns);
}

static void print_json(const char *path, const struct ingest_result *result)
{
    struct strbuf counts = { 0 };
    ingest_result_json(result, &counts);
    json_t *line = json_pack("{s:o, s:b, s:o}", "file", json_text_made(path), "already", (int)result->already, "counts",
                             json_loads(counts.text, 0, NULL));
    char *text = json_dumps(line, JSON_COMPACT);
    puts(text);
    free(text);
    json_decref(line);
    strbuf_release(&counts);
}

static void print_part(const char *what, uint64_t count)
{
    if (count)
        printf(", %" PRIu64 " %s", count, what);
}

static void print_text(const char *path, const struct ingest_result *result)
{
    char *plain = text_plain(path);
    printf("%s: ", plain);
    free(plain);
    if (result->already) {
        puts("was read before, nothing changed");
        return;
    }
    printf("%" PRIu64 " rows, %" PRIu64 " stored", result->map.rows, result->load.stored);
    print_part("updated", result->load.updated);
    print_part("outdated", result->load.stale);
    print_part("not closed", result->map.open);
    print_part("open again", result->load.left);
    print_part("vanished", result->vanished);
    print_part("kept for a hold", result->load.held + result->vanished_held);
    print_part("rejected", result->map.rejected);
    print_part("past their term", result->load.past_term);
    print_part("of people who objected or had them erased", result->load.barred);
    print_part("columns dropped", result->dropped_columns);
    puts("");
}

void casework_report_file(struct casework *casework, const struct invocation *invocation, const char *path,
                          const struct ingest_result *result)
{
    count(casework->runlog, result);
    if (result->notes.length)
        fputs(result->notes.text, stderr);
    if (invocation->json)
        print_json(path, result);
    else if (!invocation->quiet)
        print_text(path, result);
}
