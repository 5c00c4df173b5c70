/* Databases that a workspace has had (core/workspace.h): an empty file state/known-<schema> for each. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/workspace.h"

static const char *const schemas[] = { "cases", "surveys" };
enum { SCHEMAS = sizeof schemas / sizeof *schemas };

/* An empty one was never used, or was truncated: SQLite takes it for a new database. */
static bool is_there(const struct workspace *workspace, const char *schema)
{
    struct stat status;
    char *path = workspace_path(workspace, "state/%s.db", schema);
    bool there = stat(path, &status) == 0 && status.st_size > 0;
    free(path);
    return there;
}

static bool is_known(const struct workspace *workspace, const char *schema)
{
    char *path = workspace_path(workspace, "state/known-%s", schema);
    bool known = access(path, F_OK) == 0;
    free(path);
    return known;
}

static int note(const struct workspace *workspace, const char *schema, struct err *err)
{
    char *path = workspace_path(workspace, "state/known-%s", schema), *folder = workspace_path(workspace, "state");
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

int workspace_note_databases(const struct workspace *workspace, struct err *err)
{
    int code = 0;
    for (int i = 0; i < SCHEMAS && !code; i++)
        if (is_there(workspace, schemas[i]) && !is_known(workspace, schemas[i]))
            code = note(workspace, schemas[i], err);
    return code;
}

int workspace_require_databases(const struct workspace *workspace, struct err *err)
{
    for (int i = 0; i < SCHEMAS; i++)
        if (is_known(workspace, schemas[i]) && !is_there(workspace, schemas[i]))
            return err_set(err, ERR_DATA,
                           "state/%s.db is gone or empty: a new one would know nobody who objected or left, so none is made; put it back with "
                           "'fallzahl restore' and the newest backup (docs/rights.md says what to do if there is none)",
                           schemas[i]);
    return 0;
}
