/* What was published of a survey. Nothing here counts or computes: files of the latest release are shown as they stand, behind the
 * rounded state of the answers. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/survey_call.h"
#include "core/atomfile.h"
#include "etl/inbox.h"
#include "surveys/handover.h"
#include "surveys/status.h"

enum { RESULT_BYTES_MAX = 4 << 20 };

struct results {
    const struct survey_call *call;
    char release[NAME_MAX + 1]; /* that `latest` names */
    size_t shown;
};

/* Does the source read what a survey hands over? Of two whose patterns fit, the inbox gives the file to the first alone. */
static bool reads_survey(const struct sources *sources, const struct source *source, const char *survey)
{
    struct strbuf name = { 0 };
    bool reads = false;
    for (enum handover_kind kind = HANDOVER_ANSWERS; kind <= HANDOVER_HOLDOUT && !reads; kind++) {
        handover_file_name(kind, survey, 1, &name);
        reads = inbox_source(sources, strbuf_text(&name)) == source;
    }
    strbuf_release(&name);
    return reads;
}

/* `latest` is read once: what is shown is of one release, though a night may put the next in its place meanwhile. */
static bool find_release(struct results *results)
{
    char *latest = workspace_path(results->call->ask->session->workspace, "published/latest");
    ssize_t length = readlink(latest, results->release, sizeof results->release - 1);
    free(latest);
    results->release[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* 1: it is there and shown. */
static int show_file(struct results *results, const char *folder, const char *table, const char *suffix, struct err *err)
{
    struct strbuf text = { 0 };
    char *path = workspace_path(results->call->ask->session->workspace, "published/%s/%s/%s%s.csv", results->release, folder, table, suffix);
    int code = atomfile_read(path, RESULT_BYTES_MAX, &text, err);
    if (!code) {
        strbuf_addf(results->call->out, "\n== %s/%s%s.csv\n\n", folder, table, suffix);
        strbuf_add(results->call->out, strbuf_text(&text), text.length);
        results->shown++;
    }
    strbuf_release(&text);
    free(path);
    return code == ERR_NOINPUT ? 0 : code ? code : 1;
}

/* The scores of a table; where there are none, the table itself. */
static int show_table(struct results *results, const char *table, struct err *err)
{
    int code = show_file(results, "surveys", table, "", err);
    if (code == 0)
        code = show_file(results, "tables", table, "", err);
    return code < 0 ? code : show_file(results, "surveys", table, "_waves", err);
}

static int show_tables(struct results *results, struct err *err)
{
    const struct session *session = results->call->ask->session;
    int code = 0;
    for (size_t i = 0; i < session->tables->count && code >= 0; i++) {
        const struct table_spec *table = &session->tables->tables[i];
        const struct source *source = source_find(session->sources, table->source);
        if (source && reads_survey(session->sources, source, results->call->survey->name))
            code = show_table(results, table->name, err);
    }
    return code < 0 ? code : 0;
}

int survey_results(struct survey_call *call, struct err *err)
{
    struct results results = { .call = call };
    int code = status_describe(call->surveys, call->survey, call->k, call->out, err);
    if (code)
        return code;
    bool published = find_release(&results);
    strbuf_addf(call->out, "release: %s\n", published ? results.release : "none");
    if (published)
        code = show_tables(&results, err);
    if (!code && !results.shown)
        strbuf_adds(call->out, "results: none is published yet\n");
    return code;
}
