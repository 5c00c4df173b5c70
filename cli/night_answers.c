#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/night.h"
#include "cli/survey_file.h"
#include "cli/survey_intake.h"
#include "core/atomfile.h"
#include "etl/inbox.h"
#include "stats/table_source.h"
#include "surveys/holdout.h"
#include "surveys/review.h"

/* What a survey hands over to the statistics goes where every source gets its files: into the inbox, read a step later. */
struct handing {
    struct night *night;
    struct db *surveys;
    const struct survey *survey;
    int64_t rows;
};

static int put_into_inbox(const struct handing *handing, const char *name, const struct strbuf *csv, struct err *err)
{
    const struct workspace *workspace = handing->night->work.session.workspace;
    char *path = workspace_path(workspace, "inbox/%s", name), *mark = workspace_path(workspace, "inbox/%s.ok", name);
    int code = atomfile_write(path, 0600, (struct slice){ csv->text, csv->length }, err);
    if (!code)
        code = atomfile_write(mark, 0600, (struct slice){ "", 0 }, err);
    free(path);
    free(mark);
    return code;
}

static int read_handover(const struct handing *handing, enum handover_kind kind, struct handover *handover, struct err *err)
{
    const struct casework *work = &handing->night->work;
    const struct zone *zone = work->session.workspace->zone;
    const struct holdout_input holdout = { handing->surveys, work->store.db, work->keyring, handing->survey, zone, work->now };
    if (kind == HANDOVER_HOLDOUT)
        return holdout_read(&holdout, handover, err);
    const struct handover_input input = { handing->surveys, handing->survey, zone, work->now, work->session.tables->k };
    return handover_read(&input, kind, handover, err);
}

/* Does a source read the file that knows of waves? One whose pattern happens to fit does not. */
static bool is_read(const struct session *session, const char *name)
{
    const struct source *source = inbox_source(session->sources, name);
    const struct config_node *sources = config_get(config_root(session->workspace->config), "sources");
    return source && table_source_is_of_survey(config_get(sources, source->name));
}

/* Nothing is handed over while no source reads it; it waits until there is one. */
static int hand_over(struct handing *handing, enum handover_kind kind, struct err *err)
{
    const struct casework *work = &handing->night->work;
    struct handover handover = { 0 };
    struct strbuf name = { 0 };
    handover_file_name(kind, handing->survey->name, work->now, &name);
    int code = 0;
    if (is_read(&work->session, strbuf_text(&name)))
        code = read_handover(handing, kind, &handover, err);
    if (!code && handover.count)
        code = put_into_inbox(handing, strbuf_text(&name), &handover.csv, err);
    if (!code && handover.count)
        code = handover_mark(handing->surveys, kind, &handover, err);
    handing->rows += (int64_t)handover.count;
    handover_release(&handover);
    strbuf_release(&name);
    return code;
}

/* Approved texts go to marketing, which answers/ is for. The name follows from the content: written again it is the same file. */
static int release_texts(const struct handing *handing, struct err *err)
{
    const struct casework *work = &handing->night->work;
    struct review_release release = { 0 };
    unsigned char digest[8];
    char hex[2 * sizeof digest + 1], *path = NULL;
    int code = review_release_read(handing->surveys, handing->survey->name, work->session.tables->k, &release, err);
    if (!code && release.count) {
        crypto_generichash(digest, sizeof digest, (const unsigned char *)release.csv.text, release.csv.length, NULL, 0);
        path = workspace_path(work->session.workspace, "answers/marketing/texts-%s-%s.csv", handing->survey->name,
                              sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
        code = atomfile_write(path, 0640, (struct slice){ release.csv.text, release.csv.length }, err);
    }
    if (!code && release.count)
        code = review_release_mark(handing->surveys, &release, err);
    free(path);
    review_release_free(&release);
    return code;
}

static int visit(void *context, const char *name, struct err *err)
{
    struct handing *handing = context;
    struct survey *survey = NULL;
    struct config *config = NULL;
    int code = 0;
    if (survey_file_read(&survey, &config, handing->night->work.session.workspace, name, NULL) == 0 && config_result(config, NULL) == 0) {
        handing->survey = survey;
        for (enum handover_kind kind = HANDOVER_ANSWERS; kind <= HANDOVER_HOLDOUT && !code; kind++)
            code = hand_over(handing, kind, err);
        if (!code)
            code = release_texts(handing, err);
    }
    survey_free(survey);
    config_free(config);
    return code;
}

static int hand_over_all(struct night *night, struct db *surveys, struct err *err)
{
    struct handing handing = { .night = night, .surveys = surveys };
    int code = survey_file_each(night->work.session.workspace, visit, &handing, err);
    runlog_count(night->work.runlog, "rows_handed_over", handing.rows);
    return code;
}

/* Nothing to open in a workspace that never asked anybody. */
static int open_intake(struct night *night, struct survey_intake *with, struct err *err)
{
    const struct workspace *workspace = night->work.session.workspace;
    char *path = workspace_path(workspace, "state/surveys.db");
    *with = (struct survey_intake){ .workspace = workspace, .keyring = night->work.keyring, .now = night->work.now, .k = night->work.session.tables->k };
    int code = access(path, F_OK) == 0 ? db_open(&with->surveys, path, "surveys", DB_WRITE, err) : 0;
    free(path);
    return code;
}

int night_page(struct night *night, struct err *err)
{
    struct survey_intake with;
    struct collect_result result = { 0 };
    int code = open_intake(night, &with, err);
    if (!code && with.surveys)
        code = survey_intake_exchange_all(&with, &result, err);
    db_close(with.surveys);
    runlog_count(night->work.runlog, "links_issued", result.issued);
    runlog_count(night->work.runlog, "opt_outs", result.opt_outs);
    runlog_count(night->work.runlog, "opt_ins_confirmed", result.confirmations);
    return code;
}

int night_answers(struct night *night, struct err *err)
{
    struct survey_intake with;
    struct collect_result result = { 0 };
    int code = open_intake(night, &with, err);
    if (!code && with.surveys)
        code = survey_intake_move(&with, &result, err);
    if (!code && with.surveys)
        code = hand_over_all(night, with.surveys, err);
    db_close(with.surveys);
    runlog_count(night->work.runlog, "answers_moved", result.moved);
    runlog_count(night->work.runlog, "answers_waiting", result.waiting);
    runlog_count(night->work.runlog, "answers_discarded", result.discarded);
    runlog_count(night->work.runlog, "answers_unreadable", result.unreadable);
    return code;
}
