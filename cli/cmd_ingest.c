/* `fallzahl ingest FILE...`: closed cases into the store. */
#include "cli/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/casework.h"
#include "cli/restored.h"
#include "cli/subjects.h"
#include "etl/inbox.h"

static int find_source(const struct casework *casework, const struct invocation *invocation, const char *path,
                       const struct source **source, struct err *err)
{
    const char *name = invocation_value(invocation, "source");
    *source = name ? source_find(casework->session.sources, name)
                   : inbox_source(casework->session.sources, basename(path));
    if (*source)
        return 0;
    if (name)
        return err_set(err, ERR_USAGE, "there is no source '%s' in the configuration", name);
    return err_set(err, ERR_USAGE, "no source reads a file named '%s'; name one with --source", basename(path));
}

static int ingest_one(struct casework *casework, const struct invocation *invocation, const char *path, struct err *err)
{
    const struct source *source;
    struct ingest_result result = { 0 };
    int code = find_source(casework, invocation, path, &source, err);
    if (code)
        return code;
    code = ingest_file(&casework->ingest, source, path, &result, err);
    if (!code && !casework->ingest.keep)
        inbox_remove_marker(path);
    if (!code)
        casework_report_file(casework, invocation, path, &result);
    else if (result.notes.length)
        fputs(result.notes.text, stderr);
    ingest_result_release(&result);
    return code;
}

/* A rejected file does not keep the others from being read. */
static int ingest_all(struct casework *casework, const struct invocation *invocation, struct err *err)
{
    size_t rejected = 0;
    int code = restored_check(casework->session.workspace, err);
    for (size_t i = 0; i < invocation->argument_count && !code; i++) {
        code = ingest_one(casework, invocation, invocation->arguments[i], err);
        if ((code == ERR_DATA || code == ERR_NOINPUT) && invocation->argument_count > 1) {
            fprintf(stderr, "fallzahl: %s\n", err->message);
            rejected++;
            code = 0;
        }
    }
    if (!code)
        code = subjects_finish(casework, err); /* contacts of somebody who turned out to have objected */
    if (!code && rejected)
        code = err_set(err, ERR_DATA, "%zu of %zu files were rejected", rejected, invocation->argument_count);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    struct casework casework;
    int code = casework_open(&casework, invocation, WORKSPACE_STORES, err);
    if (code)
        return code;
    casework.ingest.keep = invocation_has(invocation, "keep");
    code = casework_step(&casework, "ingest", err);
    if (!code) {
        struct err outcome = { 0 };
        outcome.code = ingest_all(&casework, invocation, &outcome);
        code = casework_step_end(&casework, &outcome, err);
        if (!code && outcome.code) {
            *err = outcome;
            code = outcome.code;
        }
    }
    return casework_close(&casework, code, err);
}

const struct command command_ingest = {
    .name = "ingest",
    .usage = "FILE...",
    .summary = "read closed cases",
    .help = "Reads exports of closed cases (CSV, plain or packed) into the store. Each file is stored whole or not at all;\n"
            "rows that cannot be right go to quarantine/. Reading a file twice changes nothing. A file that was stored\n"
            "is removed, unless --keep is given. `fallzahl run` reads inbox/ the same way.\n"
            "\nExamples:\n"
            "  fallzahl ingest inbox/cases-2026-01.csv\n"
            "  fallzahl ingest --source incidents --keep /data/export.csv.xz\n",
    .minimum_arguments = 1,
    .maximum_arguments = 10000,
    .run = run,
    .options = {
        { "source", "NAME", "the source that the files are of; by default the one whose `files` fits" },
        { "keep", NULL, "do not remove the files" },
        { NULL, NULL, NULL },
    },
};
