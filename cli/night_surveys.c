/* The night's step for surveys: mail that came back, then each survey that is due. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/night.h"
#include "cli/restored.h"
#include "cli/subjects.h"
#include "cli/survey_file.h"
#include "cli/survey_intake.h"
#include "cli/survey_sending.h"
#include "etl/store_keys.h"

struct surveying {
    struct night *night;
    struct survey_sending sending;
    struct survey_sent sent;
    int64_t over;   /* markers of surveys that are over */
    size_t broken;  /* survey files with mistakes */
};

static int open_stores(struct surveying *surveying, struct err *err)
{
    struct casework *work = &surveying->night->work;
    struct survey_sending *sending = &surveying->sending;
    char *path = workspace_path(work->session.workspace, "state/surveys.db");
    *sending = (struct survey_sending){ .session = &work->session, .keyring = work->keyring, .now = work->now,
                                        .outbox = workspace_path(work->session.workspace, "outbox") };
    int code = db_open(&sending->surveys, path, "surveys", DB_CREATE, err);
    free(path);
    return code ? code : survey_sending_open_intake(sending, err);
}

static void close_stores(struct surveying *surveying)
{
    db_close(surveying->sending.surveys);
    db_close(surveying->sending.intake);
    free(surveying->sending.outbox);
}

/* Whether somebody approved what is to be sent, and it is open today. */
static int is_due(const struct surveying *surveying, const struct survey *survey, struct err *err)
{
    const struct casework *work = &surveying->night->work;
    struct plan plan;
    int32_t today = zone_day(work->session.workspace->zone, work->now);
    int found = plan_newest(surveying->sending.surveys, survey, &plan, err);
    if (found <= 0)
        return found;
    return plan_may_send(&plan, survey, NULL) == 0 && today >= survey->begins_day && today <= survey->ends_day;
}

/* A survey that is stopped (bounces) or whose mail server is away does not keep the others. */
static int tell(struct surveying *surveying, const char *name, int code, const struct err *err)
{
    if (code != ERR_USAGE && code != ERR_AGAIN)
        return code;
    fprintf(stderr, "fallzahl: survey %s: %s\n", name, err->message);
    runlog_note(surveying->night->work.runlog, "survey %s: %s", name, err->message);
    return 0;
}

/* The page knows the links before the night is over. */
static int send_survey(struct surveying *surveying, const struct survey *survey, struct err *err)
{
    const struct casework *work = &surveying->night->work;
    struct collect_result exchanged = { 0 };
    const struct survey_intake with = { work->session.workspace, work->keyring, surveying->sending.surveys, work->now, work->session.tables->k };
    int code = tell(surveying, survey->name, survey_sending_run(&surveying->sending, survey, &surveying->sent, err), err);
    return code ? code : survey_intake_exchange(&with, survey, &exchanged, err);
}

static int do_survey(struct surveying *surveying, const struct survey *survey, struct err *err)
{
    int due = is_due(surveying, survey, err);
    if (due < 0)
        return due;
    if (due)
        return send_survey(surveying, survey, err);
    int code = survey_sending_take_back(&surveying->sending, survey, &surveying->sent.dispatch, err);
    int32_t today = zone_day(surveying->sending.session->workspace->zone, surveying->sending.now);
    if (!code && today > survey->ends_day)
        code = dispatch_forget(surveying->sending.surveys, surveying->sending.outbox, survey->name, &surveying->over, err);
    return code;
}

static int visit(void *context, const char *name, struct err *err)
{
    struct surveying *surveying = context;
    struct survey *survey = NULL;
    struct config *config = NULL;
    int code = survey_file_read(&survey, &config, surveying->night->work.session.workspace, name, err);
    if (!code && config_problem_count(config) == 0)
        code = do_survey(surveying, survey, err);
    else if (!code || code == ERR_CONFIG) {
        surveying->broken++;
        code = 0;
    }
    survey_free(survey);
    config_free(config);
    return code;
}

static void count(struct runlog *log, const struct surveying *surveying, const struct survey_bounces *bounces)
{
    const struct survey_sent *sent = &surveying->sent;
    runlog_count(log, "invited", sent->invitations.spooled + sent->invitations.found);
    runlog_count(log, "reminded", sent->reminders.spooled + sent->reminders.found);
    runlog_count(log, "asked_to_confirm", sent->confirmations.spooled + sent->confirmations.found);
    runlog_count(log, "no_longer_asked", sent->invitations.refused + sent->reminders.refused);
    runlog_count(log, "wait_for_their_day", sent->invitations.quiet + sent->reminders.quiet);
    runlog_count(log, "taken", sent->dispatch.sent);
    runlog_count(log, "pulled", sent->dispatch.pulled + sent->submitted.pulled);
    runlog_count(log, "submitted", sent->submitted.sent);
    runlog_count(log, "to_be_tried_again", sent->submitted.later);
    runlog_count(log, "failed", sent->submitted.failed);
    runlog_count(log, "uncertain", sent->submitted.uncertain);
    runlog_count(log, "bounces_hard", bounces->hard);
    runlog_count(log, "bounces_soft", bounces->soft + bounces->full);
    runlog_count(log, "complaints", bounces->complaints);
    runlog_count(log, "unsubscribed_by_mail", bounces->unsubscribed);
    runlog_count(log, "mail_unknown", bounces->unknown);
    runlog_count(log, "markers_removed", surveying->over);
}

int night_surveys(struct night *night, struct err *err)
{
    struct surveying surveying = { .night = night };
    struct survey_bounces bounces = { 0 };
    int code = restored_check(night->work.session.workspace, err);
    if (!code)
        code = store_keys_require(night->work.store.db, night->work.keyring, KEY_PURPOSES, err);
    if (!code)
        code = subjects_are_done(night->work.store.db, err);
    if (!code)
        code = open_stores(&surveying, err);
    if (!code)
        code = survey_sending_read_bounces(&surveying.sending, &bounces, err);
    if (!code)
        code = survey_file_each(night->work.session.workspace, visit, &surveying, err);
    if (!code)
        code = dispatch_drop_orphans(surveying.sending.surveys, surveying.sending.outbox, &surveying.sent.dispatch, err);
    if (!code)
        code = db_checkpoint(surveying.sending.surveys, err);
    count(night->work.runlog, &surveying, &bounces);
    close_stores(&surveying);
    if (!code && surveying.broken)
        code = err_set(err, ERR_DATA, "%zu surveys have mistakes and were passed over; see 'fallzahl check'", surveying.broken);
    return code;
}
