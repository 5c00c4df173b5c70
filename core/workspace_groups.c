/* The Unix groups of marketing and the data protection officer, to whom two folders each belong. */
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/strbuf.h"
#include "core/workspace.h"

static const struct {
    const char *key, *folder;
} owned[] = {
    { "groups.marketing", "requests/marketing" },
    { "groups.marketing", "answers/marketing" },
    { "groups.dpo", "requests/dpo" },
    { "groups.dpo", "answers/dpo" },
};

static mode_t mode_of(const char *path)
{
    const struct workspace_folder *at = workspace_folders;
    while (strcmp(at->path, path) != 0)
        at++;
    return at->mode;
}

/* ERR_CONFIG for a group that the machine does not know. */
static int find_group(const char *key, const char *name, gid_t *gid, struct err *err)
{
    const struct group *group = getgrnam(name);
    if (!group)
        return err_set(err, ERR_CONFIG, "'%s' is '%.80s', which is not a group of this machine", key, name);
    *gid = group->gr_gid;
    return 0;
}

static int give(const char *path, gid_t gid, mode_t mode, struct err *err)
{
    struct stat status;
    if (lstat(path, &status) || !S_ISDIR(status.st_mode))
        return err_set(err, ERR_NOINPUT, "'%s' is not a folder", path);
    if (status.st_gid == gid && (status.st_mode & 07777) == mode)
        return 0;
    if (lchown(path, (uid_t)-1, gid) || chmod(path, mode))
        return err_set_errno(err, ERR_PERMISSION, "cannot give '%s' to its group", path);
    return 0;
}

int workspace_give_groups(const struct workspace *workspace, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < sizeof owned / sizeof *owned && !code; i++) {
        const char *name = config_text(config_root(workspace->config), owned[i].key, NULL);
        gid_t gid = 0;
        char *path = workspace_path(workspace, "%s", owned[i].folder);
        if (name)
            code = find_group(owned[i].key, name, &gid, err);
        if (name && !code)
            code = give(path, gid, mode_of(owned[i].folder), err);
        free(path);
    }
    return code;
}

static void check_folder(const char *path, gid_t gid, const char *name,
                         void (*report)(void *context, const char *problem), void *context)
{
    struct stat status;
    struct strbuf problem = { 0 };
    if (stat(path, &status) == 0 && status.st_gid != gid) {
        strbuf_addf(&problem, "'%s' does not belong to group '%s'; 'fallzahl init' gives it", path, name);
        report(context, strbuf_text(&problem));
    }
    strbuf_release(&problem);
}

void workspace_check_groups(const struct workspace *workspace, void (*report)(void *context, const char *problem),
                            void *context)
{
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        const char *name = config_text(config_root(workspace->config), owned[i].key, NULL);
        gid_t gid = 0;
        struct err err;
        char *path = workspace_path(workspace, "%s", owned[i].folder);
        if (name && find_group(owned[i].key, name, &gid, &err))
            report(context, err.message);
        else if (name)
            check_folder(path, gid, name, report, context);
        free(path);
    }
}
