/* `fallzahl subjects FILE...`: what persons declare, and what is declared of them. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/night.h"
#include "cli/subjects.h"
#include "core/mem.h"
#include "etl/inbox.h"

enum { COMPLETE_AFTER_SECONDS = 600 };

/* A file that cannot be right does not keep the others from being done; anything else ends it. */
struct round {
    struct night *night;
    size_t files, failed;
    struct err first;
};

static void reject(struct round *round, const struct err *failure)
{
    if (round->failed++)
        fprintf(stderr, "fallzahl: %s\n", failure->message);
    else
        round->first = *failure;
    runlog_note(round->night->work.runlog, "%s", failure->message);
}

static int do_file(struct round *round, const char *path, struct err *err)
{
    struct err failure;
    int code = subjects_do_file(&round->night->work, round->night->invocation, path, &failure);
    round->files++;
    if (!code)
        return 0;
    if (code != ERR_DATA && code != ERR_NOINPUT) {
        *err = failure;
        return code;
    }
    reject(round, &failure);
    return 0;
}

static int conclude(const struct round *round, int code, struct err *err)
{
    if (code || !round->failed)
        return code;
    *err = round->first;
    return round->first.code;
}

/* ---- the night ---- */

static int is_subjects(const struct dirent *entry)
{
    return subject_file_is(entry->d_name);
}

/* NAME.ok lies beside it, or nobody has written to it for a while: objections do not wait for a marker. */
static bool is_complete(const struct night *night, const char *path)
{
    struct strbuf marker = { 0 };
    struct stat status;
    strbuf_addf(&marker, "%s.ok", path);
    bool complete = lstat(path, &status) == 0 && S_ISREG(status.st_mode) &&
                    (lstat(marker.text, &status) == 0 || night->work.now - status.st_mtime >= COMPLETE_AFTER_SECONDS);
    strbuf_release(&marker);
    return complete;
}

static int do_inbox_file(struct round *round, const char *path, struct err *err)
{
    struct stat status;
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) { /* or whoever put it there would take it for done */
        struct err failure;
        err_set(&failure, ERR_DATA, "'%s' is not a regular file; nothing of it is done", path);
        reject(round, &failure);
        return subjects_refuse(&round->night->work, path, &status, &failure, err);
    }
    if (!is_complete(round->night, path)) {
        runlog_count(round->night->work.runlog, "files_waiting", 1);
        return 0;
    }
    int code = do_file(round, path, err);
    if (lstat(path, &status) && errno == ENOENT) /* done, even if rows of it were refused */
        inbox_remove_marker(path);
    return code;
}

int night_subjects(struct night *night, struct err *err)
{
    struct round round = { .night = night };
    struct dirent **entries = NULL;
    char *folder = workspace_path(night->work.session.workspace, "inbox");
    int count = scandir(folder, &entries, is_subjects, alphasort);
    int code = count < 0 ? err_set_errno(err, ERR_IO, "cannot list '%s'", folder) : subjects_finish(&night->work, err);
    for (int i = 0; i < count; i++) {
        struct strbuf path = { 0 };
        strbuf_addf(&path, "%s/%s", folder, entries[i]->d_name);
        if (!code)
            code = do_inbox_file(&round, path.text, err);
        strbuf_release(&path);
        free(entries[i]);
    }
    free(entries);
    free(folder);
    return conclude(&round, code, err);
}

/* ---- the command ---- */

static int do_named(struct night *night, struct err *err)
{
    struct round round = { .night = night };
    const struct invocation *invocation = night->invocation;
    night->work.ingest.keep = invocation_has(invocation, "keep");
    int code = subjects_finish(&night->work, err);
    for (size_t i = 0; i < invocation->argument_count && !code; i++)
        code = do_file(&round, invocation->arguments[i], err);
    return conclude(&round, code, err);
}

static int run(const struct invocation *invocation, struct err *err)
{
    static const struct night_step steps[] = { { "subjects", do_named }, { 0 } };
    return night_run(invocation, WORKSPACE_SENDS_OR_DELETES, steps, err);
}

const struct command command_subjects = {
    .name = "subjects",
    .usage = "FILE...",
    .summary = "apply objections, erasures, holds, opt-ins, opt-outs, bounces",
    .help =
        "Reads what persons declare from CSV files with the columns\n"
        "\n"
        "  event, controller, kind, identifier, contact, language, country, channel, purpose, occurred_at, source, evidence\n"
        "\n"
        "(event, kind, identifier and occurred_at must be there). `kind` is one of\n"
        "\n"
        "  objection, objection_withdrawn   no case of the person is kept or comes in, no survey reaches the person\n"
        "  erasure                          cases closed until then, contact, invitations; an objection stays\n"
        "  recording_consent, recording_consent_withdrawn   columns with `needs_consent: call_recording`\n"
        "  hold, hold_release               of a person, or of a case (case:SOURCE=NUMBER); `purpose` says why\n"
        "  opt_in, opt_out                  for a controller, channel and purpose\n"
        "  bounce                           `purpose` says hard, soft, full or complaint\n"
        "\n"
        "`identifier` is an e-mail address, a telephone number, or NAME=VALUE for an identifier of fallzahl.yaml; one is enough,\n"
        "whatever the person's cases are known by. When it was declared decides, not when it arrives; the same event may\n"
        "come again. Rows that cannot be right go to quarantine/, the others are done; the exit status is then 65.\n"
        "`fallzahl run` does inbox/subjects-*.csv first of all.\n"
        "\nExamples:\n"
        "  fallzahl subjects subjects-2026-01-31.csv\n"
        "  printf 'event,kind,identifier,occurred_at\\ne1,objection,a@b.example,2026-01-31\\n' > subjects-1.csv\n",
    .minimum_arguments = 1,
    .maximum_arguments = 10000,
    .run = run,
    .options = {
        { "keep", NULL, "do not remove the files" },
        { NULL, NULL, NULL },
    },
};
