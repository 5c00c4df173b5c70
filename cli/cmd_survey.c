/* `fallzahl survey NAME VERB`: who is asked, with whose approval, and what became of it. */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/act.h"
#include "cli/session.h"
#include "cli/survey_file.h"
#include "core/keyring.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "surveys/message.h"
#include "surveys/plan.h"
#include "surveys/send.h"
#include "surveys/status.h"

struct survey_call {
    const struct invocation *invocation;
    struct session session;
    struct config *config;
    struct survey *survey;
    struct keyring *keyring;
    struct db *cases, *surveys;
    char *outbox;
    int64_t now, k;
    char who[CALLER_MAX];
};

struct verb {
    const char *name;
    size_t arguments;          /* after NAME and the verb */
    bool writes;
    enum workspace_act act;
    int (*run)(struct survey_call *call, struct err *err);
};

static void print(struct strbuf *out)
{
    fputs(strbuf_text(out), stdout);
    strbuf_wipe(out);
}

static int run_plan(struct survey_call *call, struct err *err)
{
    struct audience_input input = { call->cases, call->surveys, call->keyring, call->survey, call->session.workspace->zone, call->now, false };
    struct audience audience;
    struct plan plan;
    struct strbuf out = { 0 };
    int code = audience_build(&audience, &input, err);
    if (code)
        return code;
    code = plan_make(call->surveys, call->survey, &audience, call->who, call->now, &plan, err);
    if (!code) {
        plan_describe(call->survey, &audience, &plan, call->k, &out);
        print(&out);
    }
    audience_release(&audience);
    return code;
}

static int run_preview(struct survey_call *call, struct err *err)
{
    const struct survey *survey = call->survey;
    (void)err;
    for (size_t i = 0; i < survey->language_count; i++) {
        struct message message = { .survey = survey, .language = survey->languages[i], .address = "erika.mustermann@mail.example", .id = "preview",
                                   .token = "00000000000000000000000000", .now = call->now,
                                   .expires_day = zone_day(call->session.workspace->zone, call->now) + (int32_t)survey->expires_days };
        struct strbuf text = { 0 };
        message_text(&message, &text);
        printf("%s== %s: %s\n\n", i ? "\n" : "", survey->languages[i], survey_text_in(survey, &survey->subject, survey->languages[i]));
        print(&text);
    }
    return 0;
}

static int run_approve(struct survey_call *call, struct err *err)
{
    int code = plan_approve(call->surveys, call->survey, call->invocation->arguments[2], call->who, call->now, err);
    if (!code)
        printf("approved by %s\n", call->who);
    return code;
}

static void report_sending(const struct survey_call *call, const char *what, const struct send_result *result)
{
    char spooled[32], refused[32], quiet[32];
    plan_format_size((uint64_t)(result->spooled + result->found), call->k, spooled);
    plan_format_size((uint64_t)result->refused, call->k, refused);
    plan_format_size((uint64_t)result->quiet, call->k, quiet);
    printf("%s: %s in the spool, %s no longer to be asked, %s wait for their day\n", what, spooled, refused, quiet);
}

static int run_send(struct survey_call *call, struct err *err)
{
    struct send_input input = { call->surveys, call->keyring, call->survey, call->session.workspace->zone, call->outbox, call->now, false };
    struct send_result invitations, reminders;
    int code = send_invitations(&input, &invitations, err);
    if (code)
        return code;
    report_sending(call, "invitations", &invitations);
    code = send_reminders(&input, &reminders, err);
    if (!code)
        report_sending(call, "reminders", &reminders);
    return code;
}

static int run_status(struct survey_call *call, struct err *err)
{
    struct strbuf out = { 0 };
    int code = status_describe(call->surveys, call->survey, call->k, &out, err);
    print(&out);
    return code;
}

static int run_halt(struct survey_call *call, struct err *err)
{
    int code = plan_halt(call->surveys, call->survey, call->who, call->now, err);
    if (!code)
        printf("halted by %s\n", call->who);
    return code;
}

/* An identifier as people give it: an e-mail address, a telephone number, or KIND=VALUE for a configured number. */
static int read_identifier(const struct survey_call *call, const char *text, struct strbuf *kind, struct strbuf *value, struct err *err)
{
    const char *country = config_text(config_root(call->session.workspace->config), "country", NULL), *equals = strchr(text, '=');
    if (equals) {
        strbuf_adds(kind, "id:");
        strbuf_add(kind, text, (size_t)(equals - text));
        return identifier_normalise(IDENTIFIER_ID, NULL, (struct slice) { equals + 1, strlen(equals + 1) }, value, err);
    }
    bool email = strchr(text, '@');
    strbuf_adds(kind, email ? "email" : "phone");
    return identifier_normalise(email ? IDENTIFIER_EMAIL : IDENTIFIER_PHONE, country, (struct slice) { text, strlen(text) }, value, err);
}

static int run_why(struct survey_call *call, struct err *err)
{
    struct strbuf kind = { 0 }, value = { 0 }, out = { 0 };
    int code = read_identifier(call, call->invocation->arguments[2], &kind, &value, err);
    if (!code) {
        struct contact_identifier identifier = { strbuf_text(&kind), strbuf_text(&value) };
        code = status_why(call->surveys, call->keyring, call->survey, &identifier, call->now, &out, err);
        print(&out);
    }
    strbuf_wipe(&value);
    strbuf_release(&kind);
    return code;
}

static const struct verb verbs[] = {
    { "plan", 0, true, WORKSPACE_STORES, run_plan },
    { "preview", 0, false, WORKSPACE_STORES, run_preview },
    { "approve", 1, true, WORKSPACE_STORES, run_approve },
    { "send", 0, true, WORKSPACE_SENDS_OR_DELETES, run_send },
    { "status", 0, false, WORKSPACE_STORES, run_status },
    { "halt", 0, true, WORKSPACE_STORES, run_halt },
    { "why", 1, false, WORKSPACE_STORES, run_why },
};

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* The survey's file; its mistakes go to stderr, as those of fallzahl.yaml do. */
static int read_survey(struct survey_call *call, const char *name, struct err *err)
{
    int code = survey_file_read(&call->survey, &call->config, call->session.workspace, name, err);
    if (code)
        return code;
    for (size_t i = 0; i < config_problem_count(call->config); i++)
        fprintf(stderr, "%s\n", config_problem_text(call->config, i));
    return config_result(call->config, err);
}

static int open_stores(struct survey_call *call, struct err *err)
{
    char *keys = workspace_path(call->session.workspace, "keys"), *cases = workspace_path(call->session.workspace, "state/cases.db"),
         *surveys = workspace_path(call->session.workspace, "state/surveys.db");
    int code = keyring_open(&call->keyring, keys, err);
    if (!code)
        code = db_open(&call->cases, cases, "cases", DB_CREATE, err);
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
    session_close(&call->session);
}

static int run_under_evidence(struct survey_call *call, const struct verb *verb, struct err *err)
{
    struct strbuf name = { 0 };
    strbuf_addf(&name, "survey %s", verb->name);
    struct act act = { .workspace = call->session.workspace, .clock = &call->invocation->clock, .name = strbuf_text(&name),
                       .about = call->invocation->arguments[0] };
    int code = verb->writes ? act_begin(&act, err) : 0;
    if (!code)
        code = verb->run(call, err);
    code = act_end(&act, code, NULL, err);
    strbuf_release(&name);
    return code;
}

static int run_verb(struct survey_call *call, const struct verb *verb, struct err *err)
{
    const struct invocation *invocation = call->invocation;
    int code = session_open(&call->session, invocation, err);
    if (code)
        return code;
    call->outbox = workspace_path(call->session.workspace, "outbox");
    call->now = clock_now(&invocation->clock);
    call->k = call->session.tables->k;
    caller_name(getuid(), call->who);
    code = read_survey(call, invocation->arguments[0], err);
    if (!code && verb->writes)
        code = workspace_enter(call->session.workspace, &invocation->clock, verb->act, err);
    if (!code)
        code = open_stores(call, err);
    return code ? code : run_under_evidence(call, verb, err);
}

static int run(const struct invocation *invocation, struct err *err)
{
    struct survey_call call = { .invocation = invocation };
    const struct verb *verb = find_verb(invocation->arguments[1]);
    if (!verb)
        return err_set(err, ERR_USAGE, "'%s' is not a verb of 'survey'; see 'fallzahl survey --help'", invocation->arguments[1]);
    if (invocation->argument_count != verb->arguments + 2)
        return err_set(err, ERR_USAGE, "'survey NAME %s' takes %zu more argument%s", verb->name, verb->arguments, verb->arguments == 1 ? "" : "s");
    int code = run_verb(&call, verb, err);
    close_call(&call);
    return code;
}

const struct command command_survey = {
    .name = "survey",
    .usage = "NAME plan|preview|approve HASH|send|status|halt|why PERSON",
    .summary = "plan a survey, approve it, send it, and say what became of it",
    .help = "Works on surveys/NAME.yaml. 'plan' freezes who would be asked and prints the plan's hash; 'approve' binds you to that\n"
            "hash; 'send' puts invitations and due reminders into the spool; 'halt' stops all sending. 'why' says for the data\n"
            "protection officer why a person was asked or not. Sizes are rounded down to multiples of the threshold.\n\n"
            "Examples:\n"
            "  fallzahl survey service plan\n"
            "  fallzahl survey service preview\n"
            "  fallzahl survey service approve 3f2a9c01d4e5b677\n"
            "  fallzahl survey service send\n"
            "  fallzahl survey service why erika@mail.example\n"
            "  fallzahl survey service why customer=K-4711\n",
    .minimum_arguments = 2,
    .maximum_arguments = 3,
    .run = run,
};
