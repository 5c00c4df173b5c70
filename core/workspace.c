#include "core/workspace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/keyring.h"
#include "core/mem.h"
#include "core/strbuf.h"

const struct workspace_folder workspace_folders[] = {
    { "keys", 0700, true },
    { "state", 0700, true },
    { "state/runs", 0700, true },
    { "state/checks", 0700, true },
    { "quarantine", 0700, true },
    { "outbox", 0700, true },
    { "outbox/sent", 0700, true },
    { "inbox", 0770, false },
    { "requests", 0755, false },
    { "requests/marketing", 01770, false }, /* sticky: nobody renames or replaces what another asked */
    { "requests/dpo", 01770, false },
    { "answers", 0755, false },
    { "answers/marketing", 02750, false },  /* set-group-id: answers belong to the group */
    { "answers/dpo", 02750, false },
    { "surveys", 0755, false },
    { "published", 0755, false },
    { NULL, 0, false },
};

static const char mark_of_test[] = "state/test";

static char *join(const char *folder, const char *path)
{
    struct strbuf out = { 0 };
    strbuf_addf(&out, "%s/%s", folder, path);
    return out.text;
}

static bool exists_in(const char *folder, const char *path)
{
    char *full = join(folder, path);
    bool exists = access(full, F_OK) == 0;
    free(full);
    return exists;
}

static int make_folders(const char *folder, struct err *err)
{
    int code = access(folder, F_OK) == 0 ? 0 : atomfile_mkdir(folder, 0755, err);
    for (const struct workspace_folder *at = workspace_folders; !code && at->path; at++) {
        if (exists_in(folder, at->path))
            continue;
        char *path = join(folder, at->path);
        code = atomfile_mkdir(path, at->mode, err);
        free(path);
    }
    return code;
}

static bool has_data(const char *folder)
{
    return exists_in(folder, "state/cases.db") || exists_in(folder, "state/surveys.db") ||
           exists_in(folder, "state/releases.db") || exists_in(folder, "state/known-cases") || exists_in(folder, "state/known-surveys");
}

/* Data that was stored under a key that is gone must not be met by a new key: nobody would be recognised. */
static int require_keys(const char *keys, struct err *err)
{
    struct keyring *keyring;
    int code = keyring_open(&keyring, keys, err);
    if (code)
        return code;
    for (int purpose = 0; !code && purpose < KEY_PURPOSES; purpose++)
        if (keyring_epoch(keyring, (enum key_purpose)purpose) == 0)
            code =
                err_set(err, ERR_PERMISSION, "the key '%s' is gone from '%s', but data was stored with it; restore it",
                        key_purpose_name((enum key_purpose)purpose), keys);
    keyring_free(keyring);
    return code;
}

static int make_mark(const char *folder, struct err *err)
{
    static const char text[] = "Made with 'fallzahl init --test': an injected clock may send, serve and delete here.\n";
    char *path = join(folder, mark_of_test);
    int code = atomfile_write(path, 0600, (struct slice){ text, sizeof text - 1 }, err);
    free(path);
    return code;
}

int workspace_make_keys(const char *folder, struct err *err)
{
    char *keys = join(folder, "keys");
    int code = has_data(folder) ? require_keys(keys, err) : keyring_create(keys, err);
    free(keys);
    return code;
}

int workspace_create(const char *folder, bool test, struct err *err)
{
    bool marked = exists_in(folder, mark_of_test);
    if (test && !marked && exists_in(folder, "keys"))
        return err_set(err, ERR_USAGE, "'%s' is a workspace already; only a new one can be made with --test", folder);
    struct workspace workspace = { .folder = mem_strdup(folder) };
    const bool used = workspace_shows_use(&workspace);
    int code = make_folders(folder, err);
    if (!code && test && !marked)
        code = make_mark(folder, err);
    if (!code)
        code = workspace_note_begun(&workspace, used, err);
    free(workspace.folder);
    return code ? code : workspace_make_keys(folder, err);
}

int workspace_open(struct workspace **workspace, const char *folder, struct err *err)
{
    /* The name stands in messages: as short as it can be. */
    char *path = strcmp(folder, ".") == 0 ? mem_strdup("fallzahl.yaml") : join(folder, "fallzahl.yaml");
    struct config *config = NULL;
    int code = access(path, F_OK) == 0 ? config_read(&config, path, err)
                                       : err_set(err, ERR_NOINPUT,
                                                 "'%s' is no workspace: it has no fallzahl.yaml; see "
                                                 "'fallzahl init --help'",
                                                 folder);
    free(path);
    if (code)
        return code;
    struct workspace *opened = mem_zalloc(1, sizeof *opened);
    opened->folder = mem_strdup(folder);
    opened->config = config;
    opened->test = exists_in(folder, mark_of_test);
    opened->lock = -1;
    *workspace = opened;
    return 0;
}

void workspace_close(struct workspace *workspace)
{
    if (!workspace)
        return;
    if (workspace->lock >= 0) {
        (void)workspace_note_databases(workspace, NULL); /* what fails here is done by the next act */
        close(workspace->lock);
    }
    zone_free(workspace->zone);
    config_free(workspace->config);
    free(workspace->folder);
    free(workspace);
}

char *workspace_path(const struct workspace *workspace, const char *format, ...)
{
    struct strbuf out = { 0 };
    if (strcmp(workspace->folder, ".") != 0) /* paths stand in messages: as short as they can be */
        strbuf_addf(&out, "%s/", workspace->folder);
    va_list args;
    va_start(args, format);
    strbuf_addv(&out, format, args);
    va_end(args);
    return out.text;
}
