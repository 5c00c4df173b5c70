#include "cli/subjects.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/caller.h"
#include "cli/survey_needs.h"
#include "cli/vendors.h"
#include "core/atomfile.h"
#include "core/json_build.h"
#include "etl/store_keys.h"
#include "surveys/dispatch.h"
#include "surveys/subject.h"

enum { PLACES_SHOWN = 20 };

/* ---- the second half ---- */

struct finish {
    struct casework *work;
    struct subject_desk desk;
    struct subject_effects effects;
    struct rights *rights;
    struct person_hashes known_by; /* of the claimant who was asked for last */
    struct needs needs;
};

static int take(void *context, struct slice json, struct err *err)
{
    struct finish *finish = context;
    return subject_take(&finish->desk, json, &finish->effects, err);
}

static int tell_claims(void *context, const char *kind, struct slice value, struct subject_claims *claims, struct err *err)
{
    struct finish *finish = context;
    const struct person_key key = { kind, value };
    int64_t at[CLAIMS];
    if (!rights_claimed(finish->rights, &key, at))
        return 0;
    finish->known_by.count = 0;
    int code = rights_known_by(finish->rights, &key, &finish->known_by, err);
    *claims = (struct subject_claims){ at[CLAIM_OBJECTION], at[CLAIM_OBJECTION_WITHDRAWN], at[CLAIM_ERASURE],
                                       { (const unsigned char (*)[PSEUDONYM_BYTES])finish->known_by.list, finish->known_by.count } };
    return code ? code : 1;
}

/* For a case that is closed today. */
static int32_t usable_until(void *context, const char *controller, const char *channel, const char *purpose)
{
    const struct finish *finish = context;
    return needs_usable_until(&finish->needs, controller, channel, purpose,
                              zone_day(finish->work->session.workspace->zone, finish->work->now));
}

/* That a survey has, or a source opts people in to. */
static bool is_purpose(void *context, const char *purpose)
{
    const struct finish *finish = context;
    const struct sources *sources = finish->work->session.sources;
    bool found = needs_have_purpose(&finish->needs, purpose);
    for (size_t s = 0; s < sources->count; s++)
        for (size_t i = 0; i < sources->list[s].opt_in_count; i++)
            found |= strcmp(sources->list[s].opt_ins[i].purpose, purpose) == 0;
    return found;
}

static int sweep(struct finish *finish, struct err *err)
{
    struct casework *work = finish->work;
    const struct rights_options options = { &work->store, &work->tables, work->session.sources, work->session.term };
    if (!finish->effects.claims)
        return 0;
    int code = rights_open(&finish->rights, &options, err);
    if (!code)
        code = subject_sweep(&finish->desk, tell_claims, finish, &finish->effects, err);
    person_hashes_release(&finish->known_by);
    rights_free(finish->rights);
    return code;
}

static int do_journal(struct finish *finish, int64_t *last, struct err *err)
{
    struct db *surveys = finish->desk.surveys;
    int code = db_begin(surveys, err);
    if (code)
        return code;
    code = subject_journal_each(&finish->work->store, take, finish, last, err);
    if (!code)
        code = sweep(finish, err);
    if (code) {
        db_rollback(surveys);
        return code;
    }
    code = db_commit(surveys, err);
    return code ? code : db_checkpoint(surveys, err);
}

/* Contacts that could not be opened stay to be done: nothing is sent until then. */
static int clear_journal(struct casework *work, int64_t last, bool again, struct err *err)
{
    int code = db_begin(work->store.db, err);
    if (!code)
        code = subject_journal_clear(&work->store, last, err);
    if (!code && again)
        code = subject_journal_ask_sweep(&work->store, err);
    if (code) {
        db_rollback(work->store.db);
        return code;
    }
    return db_commit(work->store.db, err);
}

static void count_effects(struct runlog *log, const struct subject_effects *effects)
{
    runlog_count(log, "consents", effects->consents);
    runlog_count(log, "contacts", effects->contacts);
    runlog_count(log, "bounces", effects->bounces);
    runlog_count(log, "messages_withdrawn", effects->withdrawn);
    runlog_count(log, "contacts_not_kept", effects->unkept);
}

/* Never silently: the rights are done, the contacts are not what they were. */
static void tell_lost(struct casework *work)
{
    static const char text[] = "a contact key is lost or another: objections, erasures and opt-outs are done, contacts are neither kept nor "
                               "read and nothing is sent, and vendors may contact nobody whom they were handed; put it back, or give it up: 'fallzahl key status' says what that means";
    fprintf(stderr, "fallzahl: %s\n", text);
    runlog_note(work->runlog, "%s", text);
}

/* The survey page's database, where there is one. */
static int open_intake(const struct casework *work, struct db **intake, struct err *err)
{
    char *path = workspace_path(work->session.workspace, "state/intake.db");
    int code = access(path, F_OK) == 0 ? db_open(intake, path, "intake", DB_WRITE, err) : 0;
    free(path);
    return code;
}

/* Messages of a killed run that nothing vouches for: nobody can say whose they are, and the mailer may pick them up at any time. */
static int drop_strays(const struct finish *finish, struct err *err)
{
    struct dispatch_result dropped = { 0 };
    int code = atomfile_clean(finish->desk.outbox, err);
    return code ? code : dispatch_drop_orphans(finish->desk.surveys, finish->desk.outbox, &dropped, err);
}

static int finish_all(struct casework *work, bool sweeps, struct err *err)
{
    struct finish finish = { .work = work, .effects = { .claims = sweeps } };
    char *path = workspace_path(work->session.workspace, "state/surveys.db"), *outbox = workspace_path(work->session.workspace, "outbox");
    int64_t last = 0;
    finish.desk = (struct subject_desk){ .keyring = work->keyring, .outbox = outbox, .now = work->now, .usable_until = usable_until,
                                         .is_purpose = is_purpose,
                                         .context = &finish };
    bool usable = false;
    int code = survey_needs_read(&finish.needs, work->session.workspace, err);
    if (!code)
        code = store_keys_usable(work->store.db, work->keyring, KEY_CONTACT, &usable, err);
    finish.desk.contacts_lost = !usable;
    if (!code && !usable)
        tell_lost(work);
    if (!code)
        code = db_open(&finish.desk.surveys, path, "surveys", DB_CREATE, err);
    if (!code)
        code = open_intake(work, &finish.desk.intake, err);
    if (!code)
        code = do_journal(&finish, &last, err);
    if (!code && finish.desk.intake)
        code = db_checkpoint(finish.desk.intake, err);
    if (!code)
        code = drop_strays(&finish, err);
    if (!code) /* without the key of contacts nobody can tell who is left */
        code = vendors_tell(work, finish.desk.surveys, finish.desk.intake, !usable, err);
    if (!code)
        code = clear_journal(work, last, finish.effects.unread > 0, err);
    count_effects(work->runlog, &finish.effects);
    db_close(finish.desk.surveys);
    db_close(finish.desk.intake);
    needs_release(&finish.needs);
    free(outbox);
    free(path);
    return code;
}

static int count_journal(struct db *cases, int64_t *count, struct err *err)
{
    return db_integer(cases, "SELECT count(*) FROM subject_journal", count, err);
}

int subjects_finish(struct casework *work, struct err *err)
{
    int64_t waiting;
    int code = count_journal(work->store.db, &waiting, err);
    if (!code && waiting)
        code = finish_all(work, false, err);
    return code ? code : db_checkpoint(work->store.db, err); /* nothing of who left stays in the files */
}

int subjects_sweep(struct casework *work, struct err *err)
{
    return finish_all(work, true, err);
}

int subjects_are_done(struct db *cases, struct err *err)
{
    int64_t waiting;
    int code = count_journal(cases, &waiting, err);
    if (!code && waiting)
        code = err_set(err, ERR_AGAIN, "objections or opt-outs are half done, or contacts could not be opened; run 'fallzahl run' or "
                                       "'fallzahl requests' first");
    return code;
}

/* ---- files ---- */

static void count_file(struct runlog *log, const struct subject_counts *counts)
{
    runlog_count(log, "events", (int64_t)counts->rows);
    runlog_count(log, "events_already", (int64_t)counts->already);
    runlog_count(log, "events_refused", (int64_t)counts->refused);
    for (int i = 0; i < SUBJECT_KINDS; i++)
        if (counts->done[i])
            runlog_count(log, subject_kind_name((enum subject_kind)i), (int64_t)counts->done[i]);
    runlog_count(log, "cases_removed", (int64_t)counts->removed);
    runlog_count(log, "cases_held", (int64_t)counts->held);
    runlog_count(log, "cases_blanked", (int64_t)counts->blanked);
    if (counts->remarked)
        runlog_count(log, "events_remarked", (int64_t)counts->remarked);
}

static void print_json(const char *path, const struct subject_counts *counts)
{
    json_t *line = json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "file", json_text_made(path), "events", (json_int_t)counts->rows, "already",
                             (json_int_t)counts->already, "refused", (json_int_t)counts->refused, "cases_removed",
                             (json_int_t)counts->removed, "cases_held", (json_int_t)counts->held, "cases_blanked",
                             (json_int_t)counts->blanked);
    char *text = json_dumps(line, JSON_COMPACT);
    puts(text);
    free(text);
    json_decref(line);
}

static void print_file(const char *path, const struct subject_counts *counts, bool json)
{
    char *plain = text_plain(path);
    if (json)
        print_json(path, counts);
    else
        printf("%s: %" PRIu64 " events, %" PRIu64 " done before, %" PRIu64 " refused; cases: %" PRIu64 " removed, %" PRIu64
               " held, %" PRIu64 " blanked\n",
               plain, counts->rows, counts->already, counts->refused, counts->removed, counts->held, counts->blanked);
    free(plain);
}

/* The first of them, for the operator. */
static void tell_places(struct casework *work, const char *path, const char *places)
{
    struct strbuf lines = { 0 };
    const char *end;
    char *plain = text_plain(path);
    for (int i = 0; i < PLACES_SHOWN && (end = strchr(places, '\n')); i++, places = end + 1)
        strbuf_addf(&lines, "%s:%.*s\n", plain, (int)(end - places), places);
    free(plain);
    fputs(strbuf_text(&lines), stderr);
    runlog_note(work->runlog, "%s", strbuf_text(&lines));
    strbuf_release(&lines);
}

static const char *where_refused(const struct subject_file_result *result)
{
    if (result->cut)
        return "too long for quarantine/, which is why the file stays where it is";
    return result->unkept ? "are not kept, for the key of the quarantine is lost or another" : "lie in quarantine/";
}

static int tell(struct casework *work, const char *path, const struct subject_file_result *result, struct err *err)
{
    const struct subject_counts *counts = &result->counts;
    if (counts->remarked)
        tell_places(work, path, strbuf_text(&result->remarks));
    if (!counts->refused)
        return 0;
    tell_places(work, path, strbuf_text(&result->places));
    return err_set(err, ERR_DATA, "%s: %" PRIu64 " of %" PRIu64 " events were refused and %s; all others are done", path, counts->refused,
                   counts->rows, where_refused(result));
}

/* ---- what the data protection officer hears of a file ---- */

static void list(const char *title, const struct strbuf *lines, uint64_t count, struct strbuf *out)
{
    if (!count)
        return;
    strbuf_addf(out, "\n%s (line:column):\n%s", title, strbuf_text(lines));
    if (count > SUBJECT_PLACES_MAX)
        strbuf_addf(out, "… and %" PRIu64 " more\n", count - SUBJECT_PLACES_MAX);
}

static void describe_file(const struct subject_file_result *result, struct strbuf *out)
{
    const struct subject_counts *counts = &result->counts;
    char day[16];
    calendar_format_day(result->expires_day, day);
    strbuf_addf(out, "events: %" PRIu64 "\ndone before: %" PRIu64 "\nrefused: %" PRIu64 "\n", counts->rows, counts->already, counts->refused);
    list("done, but to be looked at", &result->remarks, counts->remarked, out);
    list("refused", &result->places, counts->refused, out);
    if (result->cut)
        strbuf_adds(out, "\nA refused row is too long for the quarantine: the file stays where it is and is done again every night, until it is\n"
                         "put right or taken away.\n");
    if (counts->refused && result->unkept)
        strbuf_adds(out, "\nThe refused rows are not kept, for the key of the quarantine is lost or another.\n");
    if (counts->refused && !result->unkept)
        strbuf_addf(out, "\nThe refused rows lie encrypted in quarantine/%s until %s; 'fallzahl quarantine show %s' tells what stands in them.\n"
                     "They are not tried again: hand them in once more, put right, in a file of that kind. Rows that are done may be in it.\n",
                strbuf_text(&result->quarantine), day, strbuf_text(&result->quarantine));
}

/* Whoever handed in objections must hear of each that is not done, shell or no shell. One answer per file and content. */
static int answer_file(struct casework *work, const char *path, const struct subject_file_result *result, const struct err *outcome,
                       struct err *err)
{
    const bool is_applied = result->quarantine.length > 0;
    const char *name = is_applied ? strbuf_text(&result->quarantine) : basename(path);
    struct strbuf text = { 0 };
    char answered[ANSWER_NAME_MAX], who[CALLER_MAX];
    answer_name(answered, (struct slice){ name, strlen(name) - (is_applied ? strlen(".jsonl") : 0) });
    caller_name(result->status.st_uid, who);
    if (is_applied)
        describe_file(result, &text);
    else
        strbuf_adds(&text, "Nothing of the file is done. It stays where it is and is tried again.\n");
    const char *state = !is_applied ? "refused" : result->counts.refused ? "done in part" : "done";
    const struct answer answer = { "dpo", answered, who, state, outcome, strbuf_text(&text), NULL };
    int code = answer_write(work, &answer, err);
    strbuf_release(&text);
    return code;
}

int subjects_refuse(struct casework *work, const char *path, const struct stat *status, const struct err *why, struct err *err)
{
    const struct subject_file_result result = { .status = *status };
    return answer_file(work, path, &result, why, err);
}

static int finish_file(struct casework *work, const struct invocation *invocation, const char *path,
                       const struct subject_file_result *result, struct err *err)
{
    struct err failure;
    int code = subjects_finish(work, err);
    if (code)
        return code;
    if (!invocation->quiet)
        print_file(path, &result->counts, invocation->json);
    int refused = tell(work, path, result, err);
    if (refused || result->counts.remarked)
        code = answer_file(work, path, result, refused ? err : &(struct err){ 0 }, &failure);
    if (!code && !work->ingest.keep)
        code = subject_file_remove(path, result, &failure);
    if (code)
        *err = failure;
    return code ? code : refused;
}

int subjects_do_file(struct casework *work, const struct invocation *invocation, const char *path, struct err *err)
{
    struct subject_file_result result = { 0 };
    struct err failure;
    int code = subject_file_apply(&work->ingest, path, &result, err);
    if (!code)
        code = finish_file(work, invocation, path, &result, err);
    else if (code == ERR_DATA && answer_file(work, path, &result, err, &failure)) {
        *err = failure;
        code = failure.code;
    }
    count_file(work->runlog, &result.counts);
    subject_file_result_release(&result);
    return code;
}

/* ---- requests ---- */

static void describe(const struct subject_event *event, const struct subject_outcome *outcome, struct strbuf *out)
{
    const char *remark = subject_remark(event->kind, outcome);
    strbuf_addf(out, "event: %s\n", subject_kind_name(event->kind));
    if (outcome->already)
        strbuf_adds(out, "done before, nothing changed\n");
    if (remark)
        strbuf_addf(out, "look again: %s\n", remark);
    if (outcome->already || event->kind == SUBJECT_HOLD_RELEASE)
        return;
    if (event->kind == SUBJECT_HOLD) {
        strbuf_adds(out, !outcome->rights.known ? "" : event->case_source ? "held: the case\n" : "held: all cases of the person\n");
        return;
    }
    const bool is_against = event->kind == SUBJECT_OBJECTION || event->kind == SUBJECT_ERASURE || event->kind == SUBJECT_RECORDING_REFUSED;
    if (is_against && !outcome->rights.known)
        strbuf_adds(out, "no case of anybody with this identifier was stored; what comes in later is screened for it\n");
    strbuf_addf(out, "cases removed: %" PRIu64 "\ncases kept for a hold: %" PRIu64 "\ncases without what was bound to a consent: %" PRIu64 "\n",
                outcome->rights.removed, outcome->rights.held, outcome->rights.blanked);
}

/* What a request calls the column. */
static const char *request_key(enum subject_column column)
{
    switch (column) {
    case SUBJECT_IDENTIFIER:
        return "person";
    case SUBJECT_OCCURRED_AT:
        return "at";
    case SUBJECT_PURPOSE:
        return "reason";
    default:
        return subject_column_name(column);
    }
}

int subjects_do_event(struct casework *work, const struct slice cells[SUBJECT_COLUMNS], struct strbuf *out, struct err *err)
{
    struct subject_event event = { 0 };
    struct subject_outcome outcome = { 0 };
    outcome.refused = !subject_read(work->session.sources, cells, work->now, &event, &outcome.fault);
    int code = outcome.refused ? 0 : subject_event_apply(&work->ingest, &event, &outcome, err);
    if (!code && outcome.refused)
        code = err_set(err, ERR_DATA, "'%s': %s; expected: %s", request_key(outcome.fault.column), map_code_name(outcome.fault.code),
                       outcome.fault.rule);
    if (!code)
        code = subjects_finish(work, err);
    if (!code)
        describe(&event, &outcome, out);
    runlog_count(work->runlog, "cases_removed", (int64_t)outcome.rights.removed);
    subject_event_release(&event);
    return code;
}
