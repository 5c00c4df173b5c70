#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "core/workspace.h"

enum { MAX_DEPTH = 8 };

struct inspection {
    const char *folder;
    void (*report)(void *context, const char *problem);
    void *context;
};

__attribute__((format(printf, 2, 3))) static void report(const struct inspection *inspection, const char *format, ...)
{
    struct strbuf text = { 0 };
    va_list args;
    va_start(args, format);
    strbuf_addv(&text, format, args);
    va_end(args);
    inspection->report(inspection->context, strbuf_text(&text));
    strbuf_release(&text);
}

static char *join(const char *folder, const char *name)
{
    struct strbuf out = { 0 };
    strbuf_addf(&out, "%s/%s", folder, name);
    return out.text;
}

static void inspect_owner(const struct inspection *inspection, const char *path, const struct stat *status)
{
    if (status->st_uid != geteuid())
        report(inspection, "'%s' belongs to user %lu; expected user %lu, who runs this", path,
               (unsigned long)status->st_uid, (unsigned long)geteuid());
}

static void inspect_mode(const struct inspection *inspection, const char *path, const struct stat *status,
                         mode_t allowed)
{
    mode_t mode = status->st_mode & 07777;
    if ((mode & ~allowed & 0777) != 0)
        report(inspection, "'%s' has mode %04o; expected %04o or less", path, (unsigned)mode, (unsigned)allowed);
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* All below a secret folder: plain files and folders of ours that nobody else can open. */
static void inspect_secrets(const struct inspection *inspection, const char *folder, int depth)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_entry, alphasort);
    if (count < 0) {
        report(inspection, "'%s' cannot be looked into: %s", folder, strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        struct stat status;
        char *path = join(folder, entries[i]->d_name);
        if (lstat(path, &status) != 0 || (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))) {
            report(inspection, "'%s' is neither a file nor a folder; remove it", path);
        } else {
            inspect_owner(inspection, path, &status);
            inspect_mode(inspection, path, &status, S_ISDIR(status.st_mode) ? 0700 : 0600);
            if (S_ISDIR(status.st_mode) && depth < MAX_DEPTH)
                inspect_secrets(inspection, path, depth + 1);
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
}

static bool is_top(const char *path)
{
    return strchr(path, '/') == NULL;
}

static void inspect_folder(const struct inspection *inspection, const struct workspace_folder *folder)
{
    struct stat status;
    char *path = join(inspection->folder, folder->path);
    if (lstat(path, &status) != 0) {
        report(inspection, "'%s' is missing; 'fallzahl init' makes it", path);
    } else if (!S_ISDIR(status.st_mode)) {
        report(inspection, "'%s' is not a folder", path);
    } else if (!folder->secret || is_top(folder->path)) { /* the others were met by inspect_secrets() */
        inspect_owner(inspection, path, &status);
        inspect_mode(inspection, path, &status, folder->mode);
        if (folder->secret)
            inspect_secrets(inspection, path, 1);
    }
    free(path);
}

void workspace_check_modes(const char *folder, void (*report_problem)(void *context, const char *problem),
                           void *context)
{
    const struct inspection inspection = { folder, report_problem, context };
    struct stat status;
    char *path = join(folder, "fallzahl.yaml");
    if (lstat(path, &status) == 0 && S_ISREG(status.st_mode))
        inspect_mode(&inspection, path, &status, 0755);
    free(path);
    for (const struct workspace_folder *at = workspace_folders; at->path; at++)
        inspect_folder(&inspection, at);
}
