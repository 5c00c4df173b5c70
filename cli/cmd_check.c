/* `fallzahl check`: everything that is wrong with a workspace, in one go. */
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>
#include <stdlib.h>
#include <string.h>

#include "cli/session.h"
#include "cli/survey_file.h"
#include "core/embed.h"
#include "core/json_build.h"
#include "core/keyring.h"
#include "core/mem.h"
#include "etl/key_epochs.h"
#include "etl/known_kinds.h"
#include "etl/quarantine.h"
#include "etl/store_keys.h"
#include "surveys/eligible.h"
#include "surveys/plan.h"

struct findings {
    json_t *config, *files; /* arrays */
    json_t *notes;          /* an array of what is no mistake, but may be one */
};

struct survey_check {
    struct findings *findings;
    const struct workspace *workspace;
    int64_t now;
};

static void add_file_problem(void *context, const char *problem)
{
    struct findings *findings = context;
    json_array_append_new(findings->files, json_made(json_string(problem)));
}

static void add_config_problems(struct findings *findings, const struct config *config)
{
    for (size_t i = 0; i < config_problem_count(config); i++) {
        int line, column;
        config_problem_place(config, i, &line, &column);
        const char *text = config_problem_text(config, i);
        json_array_append_new(findings->config, json_made(json_pack("{s:s, s:i, s:i, s:s}", "file", config_name(config),
                                                               "line", line, "column", column, "message", text)));
    }
}

static void add_wrong_key(void *context, const struct store_key *key)
{
    char what[160];
    if (key->is_same)
        return;
    store_key_describe(key, what, sizeof what);
    add_file_problem(context, what);
}

/* Credentials that the operator has to remove: the program cannot. */
static int check_spent_keys(struct findings *findings, struct db *cases, const struct keyring *keyring, struct err *err)
{
    uint32_t live[PSEUDONYM_MAX_EPOCHS];
    size_t count = keyring_epochs(keyring, KEY_ANALYTICS, live);
    int code = 0;
    for (size_t i = 0; i < count && !code; i++) {
        bool spent;
        char what[120];
        code = key_epoch_is_spent(cases, keyring, live[i], &spent, err);
        snprintf(what, sizeof what, "the credential fallzahl-analytics.%u is out of use; take it out of the unit", (unsigned)live[i]);
        if (spent)
            add_file_problem(findings, what);
    }
    return code;
}

/* Those with which the store was made, if there is one. */
static void check_recorded_keys(struct findings *findings, const char *folder, const struct keyring *keyring)
{
    struct strbuf path = { 0 };
    struct db *cases = NULL;
    struct err err;
    strbuf_addf(&path, "%s/state/cases.db", folder);
    int code = access(strbuf_text(&path), F_OK) ? 0 : db_open(&cases, strbuf_text(&path), "cases", DB_READ, &err);
    if (!code && cases)
        code = store_keys_each(cases, keyring, add_wrong_key, findings, &err);
    if (!code && cases)
        code = check_spent_keys(findings, cases, keyring, &err);
    if (code)
        add_file_problem(findings, err.message);
    db_close(cases);
    strbuf_release(&path);
}

static void check_keys(struct findings *findings, const char *folder)
{
    struct strbuf path = { 0 };
    struct keyring *keyring = NULL;
    struct err err;
    strbuf_addf(&path, "%s/keys", folder);
    if (keyring_open(&keyring, strbuf_text(&path), &err))
        add_file_problem(findings, err.message);
    if (keyring)
        check_recorded_keys(findings, folder, keyring);
    for (int purpose = 0; keyring && purpose < KEY_PURPOSES; purpose++)
        if (keyring_epoch(keyring, (enum key_purpose)purpose) == 0)
            add_file_problem(findings, "a key is missing; 'fallzahl init' makes it where no data was stored yet");
    keyring_free(keyring);
    strbuf_release(&path);
}

/* A file of the quarantine that does not say when it goes. */
static void check_quarantine(struct findings *findings, const struct session *session)
{
    char *folder = workspace_path(session->workspace, "quarantine"), **paths = NULL, day[16];
    struct err err;
    int code = quarantine_list(folder, &paths, &err); /* that the folder is missing is told already */
    for (char **path = paths; !code && *path; path++) {
        int32_t goes;
        if (quarantine_term(*path, session->term.quarantine_days, &goes, &err) == ERR_DATA) {
            struct strbuf problem = { 0 };
            calendar_format_day(goes, day);
            strbuf_addf(&problem, "%s; it is deleted on %s", err.message, day);
            add_file_problem(findings, strbuf_text(&problem));
            strbuf_release(&problem);
        }
        free(*path);
    }
    free(paths);
    free(folder);
}

/* Invitations that were sent hold for good; that the store is not there or not of this version is not for this to say. */
static void check_promise(const struct workspace *workspace, struct config *config, const struct survey *survey)
{
    char *path = workspace_path(workspace, "state/surveys.db");
    const struct config_node *root = config_root(config), *node = config_get(root, "anonymity");
    struct db *surveys = NULL;
    struct err err;
    if (!db_open(&surveys, path, "surveys", DB_READ, NULL) && plan_check_promise(surveys, survey, &err) == ERR_USAGE)
        config_problem(config, node ? node : root, "%s", err.message);
    db_close(surveys);
    free(path);
}

/* One that ended and was planned once has had its time. */
static void check_end(const struct survey_check *check, struct config *config, const struct survey *survey)
{
    char *path = workspace_path(check->workspace, "state/surveys.db");
    struct db *surveys = NULL;
    struct plan plan;
    bool planned = !db_open(&surveys, path, "surveys", DB_READ, NULL) && plan_newest(surveys, survey, &plan, NULL) == 1;
    if (!planned && check->workspace->zone && zone_day(check->workspace->zone, check->now) > survey->ends_day)
        config_problem(config, config_get(config_root(config), "ends"), "this day is over and nobody was asked; set a later one");
    db_close(surveys);
    free(path);
}

/* A case that has it may still come: no mistake. */
static void note_label(const struct survey_check *check, struct config *config, const struct survey *survey, const char *dimension,
                       const struct config_node *label)
{
    char *path = workspace_path(check->workspace, "state/cases.db");
    struct db *cases = NULL;
    bool knows = true;
    if (label && label->value && !db_open(&cases, path, "cases", DB_READ, NULL))
        (void)eligible_knows_label(cases, survey->source, dimension, label->value, &knows, NULL);
    if (!knows) {
        struct strbuf note = { 0 };
        strbuf_addf(&note, "%s:%d:%d: no stored case has the label '%.80s' of '%.80s'; right if such cases are still to come", config_name(config), label->line,
                    label->column, label->value, dimension);
        json_append_made(check->findings->notes, json_string(strbuf_text(&note)));
        strbuf_release(&note);
    }
    db_close(cases);
    free(path);
}

static void note_labels(const struct survey_check *check, struct config *config, const struct survey *survey)
{
    const struct config_node *root = config_root(config);
    CONFIG_EACH(filter, config_get(root, "audience"))
        CONFIG_EACH(label, filter)
            note_label(check, config, survey, filter->key ? filter->key : "", label);
    CONFIG_EACH(quota, config_get(root, "quotas"))
        note_label(check, config, survey, config_text(quota, "dimension", ""), config_get(quota, "label"));
}

static int check_survey(void *context, const char *name, struct err *err)
{
    const struct survey_check *check = context;
    struct config *config = NULL;
    struct survey *survey = NULL;
    int code = survey_file_read(&survey, &config, check->workspace, name, err);
    if (code) /* not a file, or not YAML: the place is in the message */
        json_array_append_new(check->findings->config, json_made(json_pack("{s:s}", "message", err->message)));
    else {
        check_promise(check->workspace, config, survey);
        check_end(check, config, survey);
        if (config_problem_count(config) == 0)
            note_labels(check, config, survey);
    }
    if (!code)
        add_config_problems(check->findings, config);
    survey_free(survey);
    config_free(config);
    return 0;
}

/* Identifiers that the store knows persons by and the configuration no longer; that the store cannot be read is told with the keys. */
static void check_known_kinds(const struct session *session)
{
    char *path = workspace_path(session->workspace, "state/cases.db");
    struct db *cases = NULL;
    if (!db_open(&cases, path, "cases", DB_READ, NULL))
        (void)known_kinds_check(cases, session->sources, session->workspace->config, NULL);
    db_close(cases);
    free(path);
}

static void print_text(const struct findings *findings)
{
    size_t i;
    json_t *problem;
    json_array_foreach(findings->config, i, problem)
        fprintf(stderr, "%s\n", json_string_value(json_object_get(problem, "message")));
    json_array_foreach(findings->files, i, problem)
        fprintf(stderr, "%s\n", json_string_value(problem));
    json_array_foreach(findings->notes, i, problem)
        fprintf(stderr, "%s\n", json_string_value(problem));
}

static void print_json(const struct findings *findings)
{
    json_t *all = json_made(json_pack("{s:O, s:O, s:O}", "configuration", findings->config, "files", findings->files, "notes", findings->notes));
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(all);
}

static int judge(const struct findings *findings, const struct invocation *invocation, struct err *err)
{
    size_t wrong = json_array_size(findings->config), open = json_array_size(findings->files);
    if (invocation->json)
        print_json(findings);
    else
        print_text(findings);
    if (wrong)
        return err_set(err, ERR_CONFIG, "%zu problem%s in the configuration%s", wrong, wrong == 1 ? "" : "s",
                       open ? ", and with files" : "");
    if (open)
        return err_set(err, ERR_PERMISSION, "%zu problem%s with files", open, open == 1 ? "" : "s");
    if (!invocation->json && !invocation->quiet)
        printf("configuration, modes and keys are in order\n");
    return 0;
}

static int check(const struct invocation *invocation, struct err *err)
{
    struct session session;
    int code = session_inspect(&session, invocation->folder, err);
    if (code)
        return code;
    check_known_kinds(&session);
    struct findings findings = { json_made(json_array()), json_made(json_array()), json_made(json_array()) };
    add_config_problems(&findings, session.workspace->config);
    struct survey_check surveys = { &findings, session.workspace, clock_now(&invocation->clock) };
    if (survey_file_each(session.workspace, check_survey, &surveys, err))
        add_file_problem(&findings, err->message);
    if (derived_config_load(session.derived, invocation->folder, err))
        add_file_problem(&findings, err->message);
    workspace_check_modes(invocation->folder, add_file_problem, &findings);
    workspace_check_groups(session.workspace, add_file_problem, &findings);
    check_quarantine(&findings, &session);
    if (workspace_require_databases(session.workspace, err))
        add_file_problem(&findings, err->message);
    if (json_array_size(findings.files) == 0)
        check_keys(&findings, invocation->folder);
    workspace_check_foreign(invocation->folder, add_file_problem, &findings);
    code = judge(&findings, invocation, err);
    json_decref(findings.config);
    json_decref(findings.files);
    json_decref(findings.notes);
    session_close(&session);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    if (!invocation_has(invocation, "reference"))
        return check(invocation, err);
    static const struct config_rule *const survey_rules[] = { survey_config_rules, NULL };
    fputs(embed_find("cli/embed/configuration.md")->text, stdout);
    config_document(session_rules, stdout);
    fputs("\n# Surveys\n\nOne file each in the folder `surveys/` of the workspace.\n", stdout);
    config_document(survey_rules, stdout);
    return 0;
}

const struct command command_check = {
    .name = "check",
    .usage = "",
    .summary = "read the configuration, the keys and the modes of all files, and say what is wrong",
    .help =
        "Reads fallzahl.yaml and surveys/*.yaml and prints every mistake as file:line:column with what would be right,\n"
        "then every folder and file of the workspace that is open to others than it must be, and files that are none of its own\n"
        "(a copy of a database, what an editor left), which nothing would ever delete. Ends with status 78 for\n"
        "a mistake in the configuration, 77 if only files, their modes, owners or keys are wrong.\n\n"
        "Examples:\n  fallzahl check\n  fallzahl -C shop check --json\n  fallzahl check --reference | less\n",
    .run = run,
    .options = { { "reference", NULL, "print the reference of all keys instead" } },
};
