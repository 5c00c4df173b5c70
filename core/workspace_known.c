/* Databases that a workspace has had (core/workspace.h): an empty file state/known-<schema> for each. Those files go with state/, so
 * one without state/begun is asked whether anything outside it tells of a time before. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/workspace.h"

static const char *const schemas[] = { "cases", "surveys" }, *const noted[] = { "known-cases", "known-surveys" };
enum { CASES, SCHEMAS = sizeof schemas / sizeof *schemas };

/* An empty one was never used, or was truncated: SQLite takes it for a new database. */
static bool is_there(const struct workspace *workspace, const char *schema)
{
    struct stat status;
    char *path = workspace_path(workspace, "state/%s.db", schema);
    bool there = stat(path, &status) == 0 && status.st_size > 0;
    free(path);
    return there;
}

static bool exists(const struct workspace *workspace, const char *name)
{
    char *path = workspace_path(workspace, "%s", name);
    bool found = access(path, F_OK) == 0;
    free(path);
    return found;
}

/* Does the folder hold a name that begins so, no hidden one? */
static bool holds(const struct workspace *workspace, const char *folder, const char *prefix)
{
    char *path = workspace_path(workspace, "%s", folder);
    DIR *opened = opendir(path);
    bool found = false;
    for (struct dirent *entry; opened && !found && (entry = readdir(opened));)
        found = entry->d_name[0] != '.' && strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    if (opened)
        closedir(opened);
    free(path);
    return found;
}

bool workspace_shows_use(const struct workspace *workspace)
{
    static const struct {
        const char *folder, *prefix;
    } signs[] = { { "answers/dpo", "evidence-head-" }, { "published", "latest" }, { "outbox/sent", "" }, { "quarantine", "" } };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (holds(workspace, signs[i].folder, signs[i].prefix))
            return true;
    return holds(workspace, "keys", "") && !exists(workspace, "state/runs"); /* keys are made after all folders */
}

static bool is_known(const struct workspace *workspace, int schema)
{
    char name[32];
    snprintf(name, sizeof name, "state/%s", noted[schema]);
    return exists(workspace, name) || (schema == CASES && !exists(workspace, "state/begun") && workspace_shows_use(workspace));
}

static int note(const struct workspace *workspace, const char *name, struct err *err)
{
    char *path = workspace_path(workspace, "state/%s", name), *folder = workspace_path(workspace, "state");
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int code = fd < 0 ? err_set_errno(err, ERR_CANTCREAT, "cannot create '%s'", path) : 0;
    if (fd >= 0)
        close(fd);
    if (!code)
        code = atomfile_sync_folder(folder, err);
    free(path);
    free(folder);
    return code;
}

int workspace_note_begun(const struct workspace *workspace, bool used, struct err *err)
{
    if (exists(workspace, "state/begun"))
        return 0;
    int code = used ? note(workspace, "known-cases", err) : 0; /* before the other: from then on nobody asks outside */
    return code ? code : note(workspace, "begun", err);
}

int workspace_note_databases(const struct workspace *workspace, struct err *err)
{
    int code = workspace_note_begun(workspace, workspace_shows_use(workspace), err);
    for (int i = 0; i < SCHEMAS && !code; i++)
        if (is_there(workspace, schemas[i]) && !is_known(workspace, i))
            code = note(workspace, noted[i], err);
    return code;
}

int workspace_require_databases(const struct workspace *workspace, struct err *err)
{
    for (int i = 0; i < SCHEMAS; i++)
        if (is_known(workspace, i) && !is_there(workspace, schemas[i]))
            return err_set(err, ERR_DATA,
                           "state/%s.db is gone or empty: a new one would know nobody who objected or left, so none is made; put it back with "
                           "'fallzahl restore' and the newest backup (docs/rights.md says what to do if there is none)",
                           schemas[i]);
    return 0;
}
