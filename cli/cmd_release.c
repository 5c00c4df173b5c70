/* `fallzahl release list|withdraw`: what the ledger says was published, and taking a release out of sight. */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/act.h"
#include "cli/session.h"
#include "core/atomfile.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/ledger.h"

struct releasing {
    const struct invocation *invocation;
    struct session session;
    struct ledger *ledger;
};

static int print_release(void *context, const struct ledger_listed *listed, struct err *err)
{
    const struct releasing *releasing = context;
    (void)err;
    printf(releasing->invocation->json ? "{\"release\": \"%s\", \"state\": \"%s\"}\n" : "%s  %s\n", listed->release.name,
           listed->release.imported ? "imported" : listed->state);
    return 0;
}

static int list(struct releasing *releasing, struct err *err)
{
    return ledger_each_release(releasing->ledger, print_release, releasing, err);
}

/* The newest release that is still shown. */
static int find_newest(void *context, const struct ledger_listed *listed, struct err *err)
{
    char **newest = context;
    (void)err;
    if (strcmp(listed->state, "published") != 0 || listed->release.imported)
        return 0;
    free(*newest);
    *newest = mem_strdup(listed->release.name);
    return 0;
}

/* `latest` never names what is withdrawn: it moves before the folder goes. */
static int remove_folder(struct releasing *releasing, const char *name, struct err *err)
{
    char *newest = NULL, *latest = workspace_path(releasing->session.workspace, "published/latest"),
         *folder = workspace_path(releasing->session.workspace, "published/%s", name);
    int code = ledger_each_release(releasing->ledger, find_newest, &newest, err);
    if (!code && newest)
        code = atomfile_symlink(newest, latest, err);
    else if (!code && unlink(latest) && errno != ENOENT)
        code = err_set_errno(err, ERR_IO, "cannot remove '%s'", latest);
    if (!code)
        code = atomfile_remove_tree(folder, err);
    free(newest);
    free(latest);
    free(folder);
    return code;
}

/* The later releases: each shows all periods that were out by then. */
struct later {
    const char *name;
    bool passed;
    struct strbuf names;
};

static int add_later(void *context, const struct ledger_listed *listed, struct err *err)
{
    struct later *later = context;
    (void)err;
    if (later->passed && strcmp(listed->state, "published") == 0 && !listed->release.imported)
        strbuf_addf(&later->names, "%s%s", later->names.length ? ", " : "", listed->release.name);
    later->passed = later->passed || strcmp(listed->release.name, later->name) == 0;
    return 0;
}

static int tell(const struct releasing *releasing, const char *name, struct err *err)
{
    struct later later = { .name = name };
    int code = ledger_each_release(releasing->ledger, add_later, &later, err);
    if (!code)
        printf("%s is withdrawn: no release from now on shows its periods, they are never published again and stay known to protection\n", name);
    if (!code && later.names.length)
        printf("%s show them still, and so does 'latest' until the next release; withdraw these, too, if they must go at once: their own periods go with them\n",
               strbuf_text(&later.names));
    strbuf_release(&later.names);
    return code;
}

static int withdraw(struct releasing *releasing, struct err *err)
{
    const struct invocation *invocation = releasing->invocation;
    const char *because = invocation_value(invocation, "because");
    if (invocation->argument_count != 2 || !because)
        return err_set(err, ERR_USAGE, "'release withdraw' takes the name of a release and '--because TEXT'");
    const char *name = invocation->arguments[1];
    struct act act = { .workspace = releasing->session.workspace, .clock = &invocation->clock, .name = "release withdraw", .about = name };
    int code = workspace_enter(releasing->session.workspace, &invocation->clock, WORKSPACE_STORES, err);
    if (!code)
        code = act_begin(&act, err);
    if (!code)
        code = ledger_withdraw(releasing->ledger, name, because, clock_now(&invocation->clock), err);
    if (!code)
        code = remove_folder(releasing, name, err);
    code = act_end(&act, code, NULL, err);
    if (!code && !invocation->quiet)
        code = tell(releasing, name, err);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    struct releasing releasing = { .invocation = invocation };
    bool withdrawing = strcmp(invocation->arguments[0], "withdraw") == 0;
    if (!withdrawing && strcmp(invocation->arguments[0], "list") != 0)
        return err_set(err, ERR_USAGE, "'release' takes 'list' or 'withdraw'");
    int code = session_open(&releasing.session, invocation, err);
    if (code)
        return code;
    char *path = workspace_path(releasing.session.workspace, "state/releases.db");
    code = withdrawing ? ledger_open(&releasing.ledger, path, err) : ledger_open_read(&releasing.ledger, path, err);
    if (code == ERR_NOINPUT && !withdrawing)
        code = 0;
    else if (!code)
        code = withdrawing ? withdraw(&releasing, err) : list(&releasing, err);
    free(path);
    ledger_close(releasing.ledger);
    session_close(&releasing.session);
    return code;
}

const struct command command_release = {
    .name = "release",
    .usage = "list|withdraw RELEASE --because TEXT",
    .summary = "list what was published, or withdraw a release",
    .help = "'list' prints every release of the ledger with its state. 'withdraw' removes a release's folder, moves `latest` to the\n"
            "newest that is left, and keeps in the ledger what readers have seen: its periods are never published again. Later\n"
            "releases that show them are named; the next one leaves them out.\n\n"
            "Examples:\n"
            "  fallzahl release list\n"
            "  fallzahl release withdraw 2026-02-03 --because 'the export held another brand'\n",
    .minimum_arguments = 1,
    .maximum_arguments = 2,
    .run = run,
    .options = { { "because", "TEXT", "why, for the record; no personal data" } },
};
