/* `fallzahl backup` and `fallzahl restore`: copies of the databases. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/act.h"
#include "cli/backup.h"
#include "cli/ledger_guard.h"
#include "cli/night.h"
#include "cli/restored.h"
#include "cli/session.h"
#include "cli/subjects.h"

static int back_up(const struct invocation *invocation, struct workspace *workspace, struct err *err)
{
    struct act act = { .workspace = workspace, .clock = &invocation->clock, .name = "backup" };
    char *made = NULL, *usual = workspace_path(workspace, "state/backups");
    int code = act_begin(&act, err);
    if (!code)
        code = backup_make(workspace, invocation->argument_count ? invocation->arguments[0] : usual, clock_now(&invocation->clock), &made, err);
    code = act_end(&act, code, NULL, err);
    if (!code && !invocation->quiet)
        puts(made);
    free(made);
    free(usual);
    return code;
}

/* A ledger that is older than what was published is said at once, not by the next night. */
static void warn_of_old_ledger(const struct workspace *workspace)
{
    struct ledger *ledger = NULL;
    struct err err = { 0 };
    char *path = workspace_path(workspace, "state/releases.db");
    int code = ledger_open_read(&ledger, path, &err);
    if (!code)
        code = ledger_guard(workspace, ledger, &err);
    if (code && code != ERR_NOINPUT)
        fprintf(stderr, "fallzahl: %s\n", err.message);
    ledger_close(ledger);
    free(path);
}

static int restore_as_act(const struct invocation *invocation, struct workspace *workspace, struct err *err)
{
    struct act act = { .workspace = workspace, .clock = &invocation->clock, .name = "restore" };
    struct backup_restored restored = { 0 };
    char counts[64];
    int code = act_begin(&act, err);
    if (!code)
        code = backup_restore(workspace, invocation->arguments[0], clock_now(&invocation->clock), &restored, err);
    snprintf(counts, sizeof counts, "{\"databases\": %lld}", (long long)restored.count);
    code = act_end(&act, code, counts, err);
    if (code)
        return code;
    struct err owing = { 0 };
    warn_of_old_ledger(workspace);
    if (restored.has_surveys)
        fputs("fallzahl: who was asked in surveys since the backup is not known: all surveys are halted, and none is planned again before no cap "
              "and no case reaches back to today, and then as a new wave; 'fallzahl survey NAME plan' says from which day on\n", stderr);
    if (restored_check(workspace, &owing))
        fprintf(stderr, "fallzahl: %s\n", owing.message);
    if (!invocation->quiet)
        printf("restored: %lld databases as of %s\n", (long long)restored.count, restored.at);
    return 0;
}

static int run(const struct invocation *invocation, enum workspace_act kind,
               int (*act)(const struct invocation *invocation, struct workspace *workspace, struct err *err), struct err *err)
{
    struct session session = { 0 };
    int code = session_open(&session, invocation, err);
    if (!code)
        code = workspace_enter(session.workspace, &invocation->clock, kind, err);
    if (!code)
        code = act(invocation, session.workspace, err);
    session_close(&session);
    return code;
}

static int run_backup(const struct invocation *invocation, struct err *err)
{
    return run(invocation, WORKSPACE_STORES, back_up, err);
}

/* ---- what was declared since is applied again ---- */

static int sweep(struct night *night, struct err *err)
{
    return subjects_sweep(&night->work, err);
}

static int clear(struct night *night, struct err *err)
{
    return restored_clear(night->work.session.workspace, err);
}

/* What is past its term, and contacts of people whose objection another database still knows, go before anything else is done; links
 * that were used since are marked before the page may open. */
static int run_replayed(const struct invocation *invocation, struct err *err)
{
    static const struct night_step steps[] = { { "retention", night_retention }, { "sweep", sweep }, { "page", night_page },
                                               { "restore replayed", clear }, { 0 } };
    return night_run(invocation, WORKSPACE_SENDS_OR_DELETES, steps, err);
}

static int run_restore(const struct invocation *invocation, struct err *err)
{
    bool replayed = invocation_has(invocation, "replayed");
    if (replayed == (invocation->argument_count == 1))
        return err_set(err, ERR_USAGE, "'restore' needs the folder of a backup, or '--replayed'");
    if (replayed)
        return run_replayed(invocation, err);
    return run(invocation, WORKSPACE_RESTORES, restore_as_act, err);
}

const struct command command_backup = {
    .name = "backup",
    .usage = "[DIR]",
    .summary = "copy the databases",
    .help = "Copies the databases of state/ into a new folder backup-<instant> below DIR (state/backups/ if none is given), with the\n"
            "SHA-256 of each in manifest.json. The survey page may go on meanwhile. The keys are never in it: keep copies of them\n"
            "elsewhere. Backups in state/backups/ go by their term (`retention.backups`); those elsewhere are yours to delete.\n\n"
            "Examples:\n"
            "  fallzahl backup\n"
            "  fallzahl -C /srv/fallzahl backup /mnt/safe\n",
    .maximum_arguments = 1,
    .run = run_backup,
};

const struct command command_restore = {
    .name = "restore",
    .usage = "BACKUP|--replayed",
    .summary = "put databases that are missing back from a backup",
    .help = "Puts the databases that are missing in state/ back from the folder of a backup, once each fits its manifest and was read\n"
            "through. A database that is there is not replaced: move it away first, with its -wal and -shm.\n"
            "Objections, erasures, opt-outs, holds and consents since the backup are not in it: apply them again (fallzahl subjects,\n"
            "requests), then say so with --replayed. Until then no case is read, nothing is published and nobody is written to; requests,\n"
            "subject events and retention go on. A ledger older than what was published publishes nothing until that is made known\n"
            "(docs/ledger.md).\n\n"
            "Examples:\n"
            "  fallzahl restore state/backups/backup-2026-02-03T03:00:00Z\n"
            "  fallzahl restore --replayed\n",
    .maximum_arguments = 1,
    .run = run_restore,
    .options = {
        { "replayed", NULL, "everything that was declared since the backup was applied again" },
        { NULL, NULL, NULL },
    },
};
