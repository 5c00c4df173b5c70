#include "cli/survey_sending.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/mem.h"
#include "surveys/bounce.h"
#include "surveys/confirm.h"
#include "surveys/handoff.h"
#include "surveys/mailbox.h"

static struct send_input input_of(const struct survey_sending *sending, const struct survey *survey)
{
    return (struct send_input){ .surveys = sending->surveys, .intake = sending->intake, .keyring = sending->keyring, .survey = survey,
                                .zone = sending->session->workspace->zone, .outbox = sending->outbox, .now = sending->now,
                                .policy = &sending->session->policy };
}

int survey_sending_open_intake(struct survey_sending *sending, struct err *err)
{
    char *path = workspace_path(sending->session->workspace, "state/intake.db");
    int code = access(path, F_OK) == 0 ? db_open(&sending->intake, path, "intake", DB_READ, err) : 0;
    free(path);
    return code;
}

int survey_sending_take_back(const struct survey_sending *sending, const struct survey *survey, struct dispatch_result *result, struct err *err)
{
    const struct send_input input = input_of(sending, survey);
    struct plan plan;
    int found = plan_newest(sending->surveys, survey, &plan, err);
    if (found < 0)
        return found;
    bool was_halted = found && plan.halted;
    int code = atomfile_clean(sending->outbox, err); /* what a killed run left half-written */
    if (!code)
        code = dispatch_sweep(&input, was_halted, result, err);
    if (!code)
        code = found = send_stop_on_bounces(&input, &plan, err);
    bool is_halted = found == 1 && plan.halted;
    code = code < 0 ? code : 0;
    if (!code && is_halted && !was_halted)
        code = dispatch_sweep(&input, true, result, err);
    if (!code && survey->transport == SURVEY_HANDOFF)
        code = handoff_finish(&input, err);
    return code || survey->transport != SURVEY_HANDOFF ? code : handoff_recheck(&input, is_halted, err);
}

int survey_sending_tell_vendor(const struct survey_sending *sending, const struct survey *survey, bool everybody, struct err *err)
{
    const struct send_input input = input_of(sending, survey);
    struct plan plan;
    int found = survey->transport == SURVEY_HANDOFF ? plan_newest(sending->surveys, survey, &plan, err) : 0;
    return found > 0 ? handoff_recheck(&input, plan.halted || everybody, err) : found;
}

int survey_login_read(struct survey_login *login, const struct session *session, struct err *err)
{
    const struct mail_config *mail = &session->mail;
    if (!mail->has_smtp)
        return err_set(err, ERR_CONFIG, "the survey goes by SMTP, and fallzahl.yaml has no 'surveys.smtp'");
    char *path = mail->credentials ? workspace_path(session->workspace, "%s", mail->credentials) : NULL;
    login->options = mail->smtp;
    int code = path ? mail_login_read(*mail->credentials == '/' ? mail->credentials : path, &login->login, err) : 0;
    login->options.user = login->login.user;
    login->options.password = login->login.password;
    free(path);
    return code;
}

void survey_login_release(struct survey_login *login)
{
    mail_login_release(&login->login);
}

static int submit(const struct survey_sending *sending, const struct send_input *input, struct submit_result *result, struct err *err)
{
    struct survey_login login = { 0 };
    int code = survey_login_read(&login, sending->session, err);
    const struct submit_input submission = { input, &login.options, NULL };
    if (!code)
        code = submit_waiting(&submission, result, err);
    survey_login_release(&login);
    return code;
}

static int send_and_remind(const struct send_input *input, struct survey_sent *sent, struct err *err)
{
    int code = send_invitations(input, &sent->invitations, err);
    if (!code)
        code = send_reminders(input, &sent->reminders, err);
    return code ? code : confirm_send(input, &sent->confirmations, err);
}

int survey_sending_run(const struct survey_sending *sending, const struct survey *survey, struct survey_sent *sent, struct err *err)
{
    const struct send_input input = input_of(sending, survey);
    int code = survey_sending_take_back(sending, survey, &sent->dispatch, err);
    if (!code)
        code = send_and_remind(&input, sent, err);
    if (!code && survey->transport == SURVEY_HANDOFF)
        code = handoff_recheck(&input, false, err);
    if (!code)
        code = dispatch_drop_orphans(sending->surveys, sending->outbox, &sent->dispatch, err);
    if (!code && survey->transport == SURVEY_SMTP)
        code = submit(sending, &input, &sent->submitted, err);
    return code;
}

/* ---- bounces ---- */

struct bounce_reading {
    const struct survey_sending *sending;
    struct survey_bounces *counts;
};

static int read_bounce(void *context, struct slice message, struct err *err)
{
    const struct bounce_reading *reading = context;
    struct survey_bounces *counts = reading->counts;
    struct bounce_report report;
    bool known;
    bounce_parse(message, &report);
    int code = db_begin(reading->sending->surveys, err);
    if (!code)
        code = bounce_apply(reading->sending->surveys, &report, reading->sending->now, &known, err);
    if (!code)
        code = db_commit(reading->sending->surveys, err);
    db_rollback(reading->sending->surveys);
    if (code)
        return code;
    int64_t *const by_kind[] = { [BOUNCE_NONE] = &counts->unknown, [BOUNCE_HARD] = &counts->hard, [BOUNCE_SOFT] = &counts->soft,
                                 [BOUNCE_FULL] = &counts->full, [BOUNCE_AUTO_REPLY] = &counts->auto_replies,
                                 [BOUNCE_COMPLAINT] = &counts->complaints, [BOUNCE_UNSUBSCRIBE] = &counts->unsubscribed };
    ++*(known ? by_kind[report.kind] : &counts->unknown);
    return 0;
}

int survey_sending_read_bounces(const struct survey_sending *sending, struct survey_bounces *bounces, struct err *err)
{
    const char *name = sending->session->mail.bounces;
    struct bounce_reading reading = { sending, bounces };
    if (!name)
        return 0;
    char *path = *name == '/' ? mem_strdup(name) : workspace_path(sending->session->workspace, "%s", name);
    int code = mailbox_each(path, read_bounce, &reading, err);
    free(path);
    return code;
}
