#include "cli/survey_verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/act.h"
#include "cli/restored.h"
#include "cli/subjects.h"
#include "cli/survey_call.h"
#include "cli/survey_file.h"
#include "cli/survey_intake.h"
#include "cli/survey_proof.h"
#include "cli/survey_sending.h"
#include "core/keyring.h"
#include "core/text.h"
#include "etl/store_keys.h"
#include "etl/subject.h"
#include "surveys/message.h"
#include "surveys/plan.h"
#include "surveys/status.h"
#include "surveys/why.h"

static struct audience_input audience_of(const struct survey_call *call)
{
    const struct session *session = call->ask->session;
    return (struct audience_input){ call->cases, call->surveys, call->keyring, call->survey, session->workspace->zone, call->now, &session->policy, false };
}

static int run_plan(struct survey_call *call, struct err *err)
{
    const struct audience_input input = audience_of(call);
    struct audience audience;
    struct plan plan;
    int code = plan_check(&input, err);
    if (!code)
        code = audience_build(&audience, &input, err);
    if (code)
        return code;
    code = plan_make(call->surveys, call->survey, &audience, call->ask->who, call->now, &plan, err);
    const struct plan_report report = { call->surveys, call->keyring, call->survey, call->k, call->now };
    if (!code)
        code = plan_describe(&report, &audience, &plan, call->out, err);
    audience_release(&audience);
    return code;
}

static int run_preview(struct survey_call *call, struct err *err)
{
    const struct survey *survey = call->survey;
    const struct survey_proof proof = { call->ask->session, survey, call->keyring, call->cases, call->surveys, call->outbox, call->ask->argument, call->now };
    size_t sent = 0;
    for (size_t i = 0; i < survey->language_count; i++) {
        struct strbuf text = { 0 };
        struct message message = survey_proof_message(&proof, survey->languages[i], "erika.mustermann@mail.example");
        strbuf_addf(call->out, "%s== %s: %s\n\n", i ? "\n" : "", survey->languages[i], survey_text_in(survey, &survey->subject, survey->languages[i]));
        message_text(&message, &text);
        strbuf_add(call->out, strbuf_text(&text), text.length);
        strbuf_release(&text);
    }
    int code = proof.address ? survey_proof_send(&proof, &sent, err) : 0;
    if (!code && sent)
        strbuf_addf(call->out, "\nproofs sent: %zu\n", sent);
    return code;
}

static int run_approve(struct survey_call *call, struct err *err)
{
    int code = plan_approve(call->surveys, call->survey, call->ask->argument, call->ask->who, call->now, err);
    if (!code)
        strbuf_addf(call->out, "approved by %s\n", call->ask->who);
    return code;
}

static void add_size(struct strbuf *out, const char *what, int64_t size, int64_t k)
{
    char text[32];
    plan_format_size((uint64_t)size, k, text);
    strbuf_addf(out, "%s%s", what, text);
}

static void report_sending(struct survey_call *call, const char *what, const struct send_result *result)
{
    const char *where = call->survey->transport == SURVEY_HANDOFF ? " handed over" : " in the spool";
    strbuf_adds(call->out, what);
    add_size(call->out, ": ", result->spooled + result->found, call->k);
    strbuf_adds(call->out, where);
    add_size(call->out, ", no longer to be asked: ", result->refused, call->k);
    add_size(call->out, ", wait for their day: ", result->quiet, call->k);
    strbuf_addc(call->out, '\n');
}

static void report_submission(struct survey_call *call, const struct submit_result *result)
{
    add_size(call->out, "mail: sent ", result->sent, call->k);
    add_size(call->out, ", to be tried again ", result->later, call->k);
    add_size(call->out, ", refused ", result->failed, call->k);
    add_size(call->out, ", uncertain ", result->uncertain, call->k);
    strbuf_addc(call->out, '\n');
}

static struct survey_sending sending_of(const struct survey_call *call)
{
    return (struct survey_sending){ .session = call->ask->session, .keyring = call->keyring, .surveys = call->surveys, .outbox = call->outbox,
                                    .now = call->now };
}

/* What the page took in, of all surveys, before anything is sent, so that nobody is asked who left and nobody reminded who answered;
 * and the new links, after. */
static int exchange_with_page(const struct survey_call *call, bool sent, struct err *err)
{
    struct collect_result result = { 0 };
    struct survey_intake with = { call->ask->session->workspace, call->keyring, call->surveys, call->now, call->k };
    return sent ? survey_intake_exchange(&with, call->survey, &result, err) : survey_intake_exchange_all(&with, &result, err);
}

static int send_messages(struct survey_call *call, struct err *err)
{
    struct survey_sending sending = sending_of(call);
    struct survey_sent sent = { 0 };
    struct survey_bounces bounces = { 0 };
    int code = survey_sending_open_intake(&sending, err);
    if (!code)
        code = survey_sending_read_bounces(&sending, &bounces, err);
    if (!code)
        code = survey_sending_run(&sending, call->survey, &sent, err);
    db_close(sending.intake);
    if (code && code != ERR_AGAIN)
        return code;
    report_sending(call, "invitations", &sent.invitations);
    report_sending(call, "reminders", &sent.reminders);
    if (call->survey->transport != SURVEY_HANDOFF)
        report_sending(call, "requests to confirm", &sent.confirmations);
    if (call->survey->transport == SURVEY_SMTP)
        report_submission(call, &sent.submitted);
    return code;
}

static int run_send(struct survey_call *call, struct err *err)
{
    int code = restored_check(call->ask->session->workspace, err);
    if (!code)
        code = subjects_are_done(call->cases, err);
    if (!code)
        code = exchange_with_page(call, false, err);
    if (!code)
        code = send_messages(call, err);
    int exchanged = code && code != ERR_AGAIN ? 0 : exchange_with_page(call, true, code ? NULL : err);
    return code ? code : exchanged;
}

static int run_status(struct survey_call *call, struct err *err)
{
    return status_describe(call->surveys, call->survey, call->k, call->out, err);
}

static int run_halt(struct survey_call *call, struct err *err)
{
    struct survey_sending sending = sending_of(call);
    struct dispatch_result taken_back = { 0 };
    int code = plan_halt(call->surveys, call->survey, call->ask->who, call->now, err);
    if (!code)
        code = survey_sending_take_back(&sending, call->survey, &taken_back, err);
    if (!code) /* what a killed run put and could not write down */
        code = dispatch_drop_orphans(call->surveys, call->outbox, &taken_back, err);
    if (code)
        return code;
    strbuf_addf(call->out, "halted by %s\n", call->ask->who);
    add_size(call->out, "taken back from the spool: ", taken_back.pulled, call->k);
    strbuf_addc(call->out, '\n');
    return 0;
}

static int run_why(struct survey_call *call, struct err *err)
{
    const char *person = call->ask->argument;
    struct subject_text text = { 0 };
    int code = 0;
    if (!subject_read_identifier(call->ask->session->sources, (struct slice){ person, strlen(person) }, NULL, &text))
        code = err_set(err, ERR_DATA, "the person is not named by an e-mail address, a telephone number or NAME=VALUE of fallzahl.yaml");
    if (!code) {
        struct contact_identifier identifier = { strbuf_text(&text.kind), strbuf_text(&text.value) };
        struct audience_input input = audience_of(call);
        struct survey_sending sending = sending_of(call);
        input.look_only = true;
        code = survey_sending_open_intake(&sending, err);
        if (!code)
            code = why_describe(&input, sending.intake, &identifier, call->out, err);
        db_close(sending.intake);
    }
    strbuf_wipe(&text.kind);
    strbuf_wipe(&text.value);
    return code;
}

static const struct {
    struct survey_verb verb;
    int (*run)(struct survey_call *call, struct err *err);
} verbs[] = {
    { { "plan", false, true, WORKSPACE_STORES, false }, run_plan },
    { { "preview", true, true, WORKSPACE_STORES, true }, run_preview },
    { { "approve", true, true, WORKSPACE_STORES, false }, run_approve },
    { { "send", false, true, WORKSPACE_SENDS_OR_DELETES, false }, run_send },
    { { "status", false, false, WORKSPACE_STORES, false }, run_status },
    { { "halt", false, true, WORKSPACE_STORES, false }, run_halt },
    { { "why", true, false, WORKSPACE_STORES, false }, run_why },
    { { "import", true, true, WORKSPACE_STORES, false }, survey_import },
    { { "review", true, true, WORKSPACE_STORES, true }, survey_review },
    { { "results", false, false, WORKSPACE_STORES, false }, survey_results },
};

static size_t index_of(const char *name)
{
    size_t i = 0;
    while (i < sizeof verbs / sizeof *verbs && strcmp(verbs[i].verb.name, name) != 0)
        i++;
    return i;
}

const struct survey_verb *survey_verb_find(const char *name)
{
    size_t i = index_of(name);
    return i < sizeof verbs / sizeof *verbs ? &verbs[i].verb : NULL;
}

/* The survey's file; its mistakes go to stderr, as those of fallzahl.yaml do. */
static int read_survey(struct survey_call *call, struct err *err)
{
    int code = survey_file_read(&call->survey, &call->config, call->ask->session->workspace, call->ask->survey, err);
    if (code)
        return code;
    for (size_t i = 0; i < config_problem_count(call->config); i++)
        fprintf(stderr, "%s\n", config_problem_text(call->config, i));
    return config_result(call->config, err);
}

static int open_stores(struct survey_call *call, bool needs_keys, struct err *err)
{
    char *keys = workspace_path(call->ask->session->workspace, "keys"), *cases = workspace_path(call->ask->session->workspace, "state/cases.db"),
         *surveys = workspace_path(call->ask->session->workspace, "state/surveys.db");
    int code = keyring_open(&call->keyring, keys, err);
    if (!code)
        code = db_open(&call->cases, cases, "cases", DB_CREATE, err);
    if (!code && needs_keys)
        code = store_keys_require(call->cases, call->keyring, KEY_PURPOSES, err);
    if (!code)
        code = db_open(&call->surveys, surveys, "surveys", DB_CREATE, err);
    free(keys);
    free(cases);
    free(surveys);
    return code;
}

static void close_call(struct survey_call *call)
{
    db_close(call->cases);
    db_close(call->surveys);
    keyring_free(call->keyring);
    survey_free(call->survey);
    config_free(call->config);
    free(call->outbox);
}

/* What changes something, and what tells about a person, is under evidence. */
static int run_under_evidence(struct survey_call *call, size_t verb, struct err *err)
{
    struct strbuf name = { 0 };
    strbuf_addf(&name, "survey %s", verbs[verb].verb.name);
    struct act act = { .workspace = call->ask->session->workspace, .clock = call->ask->clock, .name = strbuf_text(&name),
                       .about = call->ask->survey };
    snprintf(act.who, sizeof act.who, "%s", call->ask->who);
    int code = verbs[verb].verb.writes || verbs[verb].run == run_why ? act_begin(&act, err) : 0;
    if (!code)
        code = verbs[verb].run(call, err);
    code = act_end(&act, code, NULL, err);
    strbuf_release(&name);
    return code;
}

int survey_verb_run(const struct survey_ask *ask, struct strbuf *out, struct err *err)
{
    struct survey_call call = { .ask = ask, .out = out, .now = clock_now(ask->clock), .k = ask->session->tables->k };
    size_t verb = index_of(ask->verb);
    BUG_ON(verb == sizeof verbs / sizeof *verbs);
    call.outbox = workspace_path(ask->session->workspace, "outbox");
    int code = read_survey(&call, err);
    if (!code)
        code = open_stores(&call, verbs[verb].run != run_halt && verbs[verb].run != run_status, err);
    if (!code)
        code = run_under_evidence(&call, verb, err);
    close_call(&call);
    return code;
}
