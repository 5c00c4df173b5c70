/* `fallzahl survey NAME VERB`: who is asked, with whose approval, and what became of it. */
#include "cli/command.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/caller.h"
#include "cli/survey_verb.h"

static int run_verb(const struct invocation *invocation, const struct survey_verb *verb, struct session *session,
                    struct err *err)
{
    char who[CALLER_MAX];
    struct strbuf out = { 0 };
    caller_name(getuid(), who);
    const struct survey_ask ask = { .session = session, .clock = &invocation->clock, .survey = invocation->arguments[0],
                                    .verb = verb->name, .who = who,
                                    .argument = invocation->argument_count > 2 ? invocation->arguments[2] : NULL };
    int code = verb->writes ? workspace_enter(session->workspace, &invocation->clock, verb->act, err)
                           : workspace_require_databases(session->workspace, err);
    if (!code)
        code = survey_verb_run(&ask, &out, err);
    fputs(strbuf_text(&out), stdout);
    strbuf_wipe(&out);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    const struct survey_verb *verb = survey_verb_find(invocation->arguments[1]);
    if (!verb)
        return err_set(err, ERR_USAGE, "'%s' is not a verb of 'survey'; see 'fallzahl survey --help'", invocation->arguments[1]);
    size_t most = verb->takes_argument ? 3 : 2, least = verb->argument_optional ? 2 : most;
    if (invocation->argument_count > most || invocation->argument_count < least)
        return err_set(err, ERR_USAGE, "'survey NAME %s' takes %s", verb->name,
                       verb->takes_argument ? "one more argument" : "no more arguments");
    struct session session;
    int code = session_open(&session, invocation, err);
    if (code)
        return code;
    code = run_verb(invocation, verb, &session, err);
    session_close(&session);
    return code;
}

const struct command command_survey = {
    .name = "survey",
    .usage = "NAME plan|preview [ADDRESS]|approve HASH|send|status|halt|why PERSON|import FILE|review [FILE]|results",
    .summary = "plan a survey, approve it, send it, and say what became of it",
    .help = "Works on surveys/NAME.yaml. 'plan' freezes who would be asked and prints the plan's hash; 'approve' binds you to that\n"
            "hash; 'preview' shows each message and sends proofs to an address; 'send' puts invitations and due reminders into the\n"
            "spool; 'halt' stops all sending. 'why' says for the data protection officer why a person was asked or not,\n"
            "and what a plan made now would do with that person. 'import' reads\n"
            "the response CSV of a form tool or a call centre; 'review' prints free text, redacted, that nobody has reviewed, and takes\n"
            "the decisions back as the same CSV. 'results' prints what the latest release says of the survey: what is published, and\n"
            "nothing else. Sizes are rounded down to multiples of the threshold.\n\n"
            "Examples:\n"
            "  fallzahl survey service plan\n"
            "  fallzahl survey service preview marketing@nordhaus.example\n"
            "  fallzahl survey service approve 3f2a9c01d4e5b677\n"
            "  fallzahl survey service send\n"
            "  fallzahl survey service why erika@mail.example\n"
            "  fallzahl survey service why customer=K-4711\n"
            "  fallzahl survey service import answers.csv\n"
            "  fallzahl survey service review > texts.csv\n"
            "  fallzahl survey service review texts.csv\n"
            "  fallzahl survey service results\n",
    .minimum_arguments = 2,
    .maximum_arguments = 3,
    .run = run,
};
