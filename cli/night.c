#include "cli/night.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/evidence_head.h"
#include "cli/request_folder.h"
#include "cli/restored.h"
#include "cli/subjects.h"
#include "etl/inbox.h"
#include "etl/key_epochs.h"

enum { DAY_SECONDS = 86400 };

/* One step under the record. What the record cannot keep is an error of its own. */
static int run_step(struct night *night, const struct night_step *step, struct err *outcome, struct err *err)
{
    int code = casework_step(&night->work, step->name, err);
    if (code)
        return code;
    *outcome = (struct err) { 0 };
    outcome->code = step->run(night, outcome);
    return casework_step_end(&night->work, outcome, err);
}

/* Rejected data lets the other steps go on; the first failure is the run's, but a graver one takes its place. */
static int run_steps(struct night *night, const struct night_step *steps, struct err *err)
{
    struct err first = { 0 }, outcome;
    for (size_t i = 0; steps[i].run && (!first.code || first.code == ERR_DATA); i++) {
        int code = run_step(night, &steps[i], &outcome, err);
        if (code)
            return code;
        if (!outcome.code)
            continue;
        if (first.code)
            fprintf(stderr, "fallzahl: %s\n", first.message);
        first = outcome;
    }
    if (first.code)
        *err = first;
    return first.code;
}

int night_run(const struct invocation *invocation, enum workspace_act act, const struct night_step *steps,
              struct err *err)
{
    struct night night = { .invocation = invocation };
    int code = casework_open(&night.work, invocation, act, err);
    if (code)
        return code;
    code = run_steps(&night, steps, err);
    if (night.release && !invocation->quiet)
        printf("%s\n", night.release);
    free(night.release);
    return casework_close(&night.work, code, err);
}

static void report(void *context, const char *path, const struct ingest_result *result, const struct err *err)
{
    struct night *night = context;
    if (!err || !err->code) {
        casework_report_file(&night->work, night->invocation, path, result);
        return;
    }
    if (result->notes.length)
        fputs(result->notes.text, stderr);
    fprintf(stderr, "fallzahl: %s\n", err->message);
    runlog_note(night->work.runlog, "%s", err->message);
}

int night_requests(struct night *night, struct err *err)
{
    struct request_counts counts = { 0 };
    int code = subjects_finish(&night->work, err);
    if (!code)
        code = request_folders_do(&night->work, &counts, err);
    runlog_count(night->work.runlog, "requests_done", counts.done);
    runlog_count(night->work.runlog, "requests_refused", counts.refused);
    return code;
}

int night_keys(struct night *night, struct err *err)
{
    struct casework *work = &night->work;
    struct key_epochs epochs = { 0 };
    char *keys = workspace_path(work->session.workspace, "keys");
    const int32_t today = zone_day(work->session.workspace->zone, work->now);
    const struct key_retirement retirement = { &work->store, &work->tables, keys, today, term_oldest_day(&work->session.term, today) };
    int code = key_epochs_retire(&retirement, &epochs, err);
    runlog_count(work->runlog, "identifiers_left", epochs.identifiers);
    runlog_count(work->runlog, "keys_destroyed", epochs.destroyed);
    for (size_t i = 0; i < epochs.spent_count; i++) {
        runlog_note(work->runlog, "the credential fallzahl-analytics.%u is out of use; take it out of the unit", (unsigned)epochs.spent[i]);
        fprintf(stderr, "fallzahl: the credential fallzahl-analytics.%u is out of use; take it out of the unit\n", (unsigned)epochs.spent[i]);
    }
    free(keys);
    return code;
}

int night_evidence(struct night *night, struct err *err)
{
    return evidence_head_hand_over(night->work.session.workspace, night->work.now, err);
}

/* What lies there unread, which whoever put it there would otherwise take for read. */
static void tell_unread(const struct inbox_totals *totals)
{
    if (totals->waiting)
        fprintf(stderr, "fallzahl: files of the inbox that are not complete yet (no NAME.ok beside them): %" PRIu64 "\n", totals->waiting);
    if (totals->unknown)
        fprintf(stderr, "fallzahl: files of the inbox that no source reads (see `files`): %" PRIu64 "; the oldest lies there for %" PRId64
                        " days. Nothing deletes them; 'fallzahl status' names them\n", totals->unknown, totals->oldest_s / DAY_SECONDS);
}

int night_ingest(struct night *night, struct err *err)
{
    struct inbox_totals totals = { 0 };
    int code = restored_check(night->work.session.workspace, err);
    if (code)
        return code;
    char *inbox = workspace_path(night->work.session.workspace, "inbox");
    code = ingest_inbox(&night->work.ingest, inbox, report, night, &totals, err);
    if (!code || code == ERR_DATA) {
        struct err finishing = { 0 };
        int finished = subjects_finish(&night->work, &finishing); /* contacts of somebody who turned out to have objected */
        if (finished) {
            *err = finishing;
            code = finished;
        }
    }
    runlog_count(night->work.runlog, "files_rejected", (int64_t)totals.rejected);
    runlog_count(night->work.runlog, "files_waiting", (int64_t)totals.waiting);
    runlog_count(night->work.runlog, "files_unknown", (int64_t)totals.unknown);
    if (!night->invocation->quiet)
        tell_unread(&totals);
    free(inbox);
    return code;
}
