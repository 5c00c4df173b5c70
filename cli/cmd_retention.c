/* `fallzahl retention`: what is past its date goes. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/backup.h"
#include "cli/night.h"
#include "cli/request_folder.h"
#include "cli/survey_file.h"
#include "cli/survey_needs.h"
#include "etl/kept_input.h"
#include "etl/quarantine.h"
#include "etl/retention.h"
#include "surveys/contact.h"
#include "surveys/dispatch.h"
#include "surveys/expire.h"
#include "surveys/handoff.h"

/* What goes by a term of its own, beside the cases. */
enum other { QUARANTINE, INPUTS, CONTACTS, HANDOFFS, MESSAGES, INVITATIONS, PLANNED, LINKS, RECIPIENTS, BACKUPS, ANSWERS, OTHERS };
static const struct {
    const char *name, *words;
} other_names[OTHERS] = {
    [QUARANTINE] = { "quarantine_files", "files in quarantine" },
    [INPUTS] = { "kept_inputs", "kept inputs" },
    [CONTACTS] = { "contacts", "contacts" },
    [HANDOFFS] = { "handoffs", "hand-off files" },
    [MESSAGES] = { "messages_emptied", "messages that were sent" },
    [INVITATIONS] = { "invitations", "invitations" },
    [PLANNED] = { "planned", "rows of planned audiences" },
    [LINKS] = { "links", "links" },
    [RECIPIENTS] = { "recipients", "recipients" },
    [BACKUPS] = { "backups", "backups" },
    [ANSWERS] = { "answers", "answers" },
};

struct others {
    bool dry_run;
    int64_t of[OTHERS];
};

enum { DAY_SECONDS = 86400, DELIVERED_SECONDS = DAY_SECONDS / 2 };

struct caps {
    const struct workspace *workspace;
    int64_t days; /* the longest frequency cap, of all surveys and the group */
};

static int look_at_cap(void *context, const char *name, struct err *err)
{
    struct caps *caps = context;
    struct survey *survey = NULL;
    struct config *config = NULL;
    int code = survey_file_read(&survey, &config, caps->workspace, name, err);
    if (code == 0 && config_result(config, NULL) == 0 && survey->cap_days > caps->days)
        caps->days = survey->cap_days;
    survey_free(survey);
    config_free(config);
    return code == ERR_CONFIG ? 0 : code; /* one that cannot be read cannot be sent */
}

/* In a dry run what is done to it is counted, and undone when it is closed. */
static int open_for(const struct others *others, const char *path, const char *schema, struct db **db, struct err *err)
{
    int code = db_open(db, path, schema, DB_WRITE, err);
    return code || !others->dry_run ? code : db_rehearse(*db, err);
}

/* Invitations go when they have expired and their year is over, unless a cap still counts them. */
static int end_invitations(const struct casework *work, struct db *surveys, int32_t today, struct others *others, struct err *err)
{
    struct caps caps = { work->session.workspace, work->session.policy.cap.days };
    struct db *intake = NULL;
    int code = survey_file_each(caps.workspace, look_at_cap, &caps, err);
    int64_t year = (int64_t)term_oldest_day(&work->session.term, today) * DAY_SECONDS, capped = work->now - caps.days * DAY_SECONDS;
    char *path = workspace_path(caps.workspace, "state/intake.db");
    struct expire_counts gone = { 0 };
    if (!code && access(path, F_OK) == 0)
        code = open_for(others, path, "intake", &intake, err);
    if (!code)
        code = invitations_expire(surveys, intake, work->now, year < capped ? year : capped, &gone, err);
    others->of[INVITATIONS] = gone.invitations;
    others->of[PLANNED] = gone.plans;
    others->of[LINKS] = gone.links;
    others->of[RECIPIENTS] = gone.recipients;
    if (!code && intake)
        code = db_checkpoint(intake, err);
    db_close(intake);
    free(path);
    return code;
}

static int drop_contacts(const struct casework *work, struct db *surveys, int32_t today, struct others *others, struct err *err)
{
    struct needs needs = { 0 };
    int code = contact_expire(surveys, today, &others->of[CONTACTS], err);
    if (!code)
        code = survey_needs_read(&needs, work->session.workspace, err);
    if (!code)
        code = needs_drop_contacts(&needs, surveys, today, &others->of[CONTACTS], err);
    needs_release(&needs);
    char *outbox = workspace_path(work->session.workspace, "outbox");
    if (!code)
        code = handoff_expire(surveys, others->dry_run ? NULL : outbox, today, work->now, &others->of[HANDOFFS], err);
    if (!code && !others->dry_run)
        code = dispatch_empty_sent(surveys, outbox, work->now - DELIVERED_SECONDS, &others->of[MESSAGES], err);
    if (!code)
        code = end_invitations(work, surveys, today, others, err);
    free(outbox);
    return code;
}

static int expire_contacts(struct casework *work, int32_t today, struct others *others, struct err *err)
{
    char *path = workspace_path(work->session.workspace, "state/surveys.db");
    struct db *surveys = NULL;
    int code = access(path, F_OK) == 0 ? open_for(others, path, "surveys", &surveys, err) : 0;
    if (!code && surveys)
        code = drop_contacts(work, surveys, today, others, err);
    if (surveys && !code)
        code = db_checkpoint(surveys, err);
    db_close(surveys);
    free(path);
    return code;
}

static int expire_files(const struct casework *work, const struct retention *retention, struct others *others, struct err *err)
{
    const struct quarantine_end end = { work->quarantine_folder, retention->term.quarantine_days, retention->today, retention->dry_run };
    size_t refused = 0;
    uint64_t inputs = 0;
    int code = quarantine_expire(&end, &refused, err);
    int kept = kept_input_expire(work->inputs_folder, retention->today, retention->dry_run, &inputs, code ? NULL : err);
    others->of[QUARANTINE] = (int64_t)refused;
    others->of[INPUTS] = (int64_t)inputs;
    return code ? code : kept;
}

static int expire_copies(const struct casework *work, const struct retention *retention, struct others *others, struct err *err)
{
    const struct workspace *workspace = work->session.workspace;
    const struct term *term = &retention->term;
    uint64_t backups = 0, answers = 0;
    int code = backup_expire(workspace, retention->today - term->backup_days, retention->dry_run, &backups, err);
    int answered = request_answers_expire(workspace, retention->today - term->answer_days, retention->dry_run, &answers, code ? NULL : err);
    others->of[BACKUPS] = (int64_t)backups;
    others->of[ANSWERS] = (int64_t)answers;
    return code ? code : answered;
}

/* A file that cannot be removed does not keep the others. */
static int expire_others(struct casework *work, const struct retention *retention, struct others *others, struct err *err)
{
    int code = expire_files(work, retention, others, err);
    int contacts = expire_contacts(work, retention->today, others, code ? NULL : err);
    if (!code)
        code = contacts;
    int copies = expire_copies(work, retention, others, code ? NULL : err);
    return code ? code : copies;
}

static void count(struct runlog *log, const struct retention_report *report, const struct others *others)
{
    for (int reason = 0; reason < RETENTION_REASONS; reason++)
        runlog_count(log, retention_reason_name((enum retention_reason)reason), (int64_t)report->cases[reason]);
    runlog_count(log, "persons", (int64_t)report->persons);
    runlog_count(log, "identifiers", (int64_t)report->identifiers);
    runlog_count(log, "labels", (int64_t)report->labels);
    runlog_count(log, "tombstones", (int64_t)report->tombstones);
    for (int other = 0; other < OTHERS; other++)
        runlog_count(log, other_names[other].name, others->of[other]);
}

static void print_json(const struct retention_report *report, const struct others *others)
{
    json_t *months = json_array();
    for (size_t i = 0; i < report->month_count; i++) {
        const struct retention_month *month = &report->months[i];
        char name[16];
        snprintf(name, sizeof name, "%04d-%02d", month->year, month->month);
        json_t *line = json_pack("{s:s}", "closed", name);
        for (int reason = 0; reason < RETENTION_REASONS; reason++)
            json_object_set_new(line, retention_reason_name((enum retention_reason)reason),
                                json_integer((json_int_t)month->cases[reason]));
        json_array_append_new(months, line);
    }
    json_t *all = json_pack("{s:b, s:o, s:I, s:I}", "dry_run", (int)others->dry_run, "months", months, "persons", (json_int_t)report->persons,
                            "labels", (json_int_t)report->labels);
    for (int other = 0; other < OTHERS; other++)
        json_object_set_new(all, other_names[other].name, json_integer((json_int_t)others->of[other]));
    char *text = json_dumps(all, JSON_COMPACT);
    puts(text);
    free(text);
    json_decref(all);
}

static void print_text(const struct retention_report *report, const struct others *others)
{
    static const char *const what[RETENTION_REASONS] = { "past their term", "no longer held", "held, marked" };
    for (size_t i = 0; i < report->month_count; i++) {
        const struct retention_month *month = &report->months[i];
        for (int reason = 0; reason < RETENTION_REASONS; reason++)
            if (month->cases[reason])
                printf("closed %04d-%02d: %" PRIu64 " cases %s\n", month->year, month->month, month->cases[reason],
                       what[reason]);
    }
    const char *verb = others->dry_run ? "would be deleted" : "deleted";
    printf("%s: %" PRIu64 " cases, %" PRIu64 " persons\n", verb, report->cases[RETENTION_TERM] + report->cases[RETENTION_RELEASED],
           report->persons);
    for (int other = 0; other < OTHERS; other++)
        if (others->of[other])
            printf("%s: %" PRId64 " %s\n", verb, others->of[other], other_names[other].words);
}

static int retain(struct night *night, bool dry_run, struct err *err)
{
    struct casework *work = &night->work;
    struct retention_report report = { 0 };
    struct others others = { .dry_run = dry_run };
    const struct retention retention = { .store = &work->store, .tables = &work->tables, .term = work->session.term,
                                         .today = zone_day(work->session.workspace->zone, work->now),
                                         .dry_run = dry_run };
    int code = retention_run(&retention, &report, err);
    if (!code && !dry_run)
        code = db_checkpoint(work->store.db, err);
    int other = expire_others(work, &retention, &others, code ? NULL : err);
    count(work->runlog, &report, &others);
    if (!code && night->invocation->json)
        print_json(&report, &others);
    else if (!code && !night->invocation->quiet)
        print_text(&report, &others);
    retention_report_release(&report);
    return code ? code : other;
}

int night_retention(struct night *night, struct err *err)
{
    return retain(night, false, err);
}

static int dry_run(struct night *night, struct err *err)
{
    return retain(night, true, err);
}

static int run(const struct invocation *invocation, struct err *err)
{
    static const struct night_step real[] = { { "retention", night_retention }, { 0 } };
    static const struct night_step dry[] = { { "retention dry run", dry_run }, { 0 } };
    bool is_dry = invocation_has(invocation, "dry-run");
    return night_run(invocation, is_dry ? WORKSPACE_STORES : WORKSPACE_SENDS_OR_DELETES, is_dry ? dry : real, err);
}

const struct command command_retention = {
    .name = "retention",
    .usage = "",
    .summary = "delete what is past its date",
    .help = "Deletes the cases that were closed a year ago (`retention.months`), unless a hold covers them: those are marked and\n"
            "out of statistics and surveys. With the last case of a person all its identifiers go. Quarantined rows, kept\n"
            "inputs, contacts, hand-off files, messages that were sent a day ago, invitations, answers to the data\n"
            "protection officer and backups in state/backups/ go by their own terms. Nothing of it remains in the files.\n"
            "`fallzahl run` does it each night.\n\n"
            "Examples:\n"
            "  fallzahl retention --dry-run\n"
            "  fallzahl -C /srv/fallzahl retention\n",
    .run = run,
    .options = {
        { "dry-run", NULL, "count by month of closing and reason, and whatever else would go (but sent messages); delete nothing" },
        { NULL, NULL, NULL },
    },
};
