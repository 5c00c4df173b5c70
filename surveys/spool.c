#include "surveys/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/strbuf.h"

enum { MESSAGE_MAX = 1 << 20 };

static int exists(const char *path, bool *found, struct err *err)
{
    if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        *found = true;
    else if (errno == ENOENT)
        *found = false;
    else
        return err_set_errno(err, ERR_IO, "cannot look for '%s'", path);
    return 0;
}

/* The folder `sent` is looked at last: a message on its way there is never missed. */
int spool_find(const char *outbox, const char *id, enum spool_state *state, struct err *err)
{
    struct strbuf path = { 0 };
    bool waiting = false, taken = false, pulled = false;
    strbuf_addf(&path, "%s/%s.eml", outbox, id);
    int code = exists(strbuf_text(&path), &waiting, err);
    strbuf_clear(&path);
    strbuf_addf(&path, "%s/sent/%s.eml", outbox, id);
    if (!code)
        code = exists(strbuf_text(&path), &taken, err);
    strbuf_clear(&path);
    strbuf_addf(&path, "%s/pulled/%s.eml", outbox, id);
    if (!code)
        code = exists(strbuf_text(&path), &pulled, err);
    strbuf_release(&path);
    if (!code)
        *state = taken ? SPOOL_TAKEN : pulled ? SPOOL_PULLED : waiting ? SPOOL_WAITING : SPOOL_NONE;
    return code;
}

const char *spool_state_name(enum spool_state state)
{
    static const char *const names[] = { "spooled", "spooled", "sent", "pulled" };
    return names[state];
}

/* 1: it was moved to the folder and `to` is its path there; 0: there is none. */
static int move(const char *outbox, const char *id, const char *folder, struct strbuf *to, struct err *err)
{
    struct strbuf from = { 0 };
    strbuf_addf(to, "%s/%s", outbox, folder);
    int code = atomfile_mkdir(strbuf_text(to), 0700, err);
    strbuf_addf(to, "/%s.eml", id);
    strbuf_addf(&from, "%s/%s.eml", outbox, id);
    bool waits = false;
    if (!code)
        code = exists(strbuf_text(&from), &waits, err);
    if (!code && waits && rename(strbuf_text(&from), strbuf_text(to)) == 0)
        code = 1;
    else if (!code && waits && errno != ENOENT)
        code = err_set_errno(err, ERR_IO, "cannot move '%s'", strbuf_text(&from));
    strbuf_release(&from);
    return code;
}

/* What was moved is there after a crash: first the folder that has it, then the one that had it. */
static int sync_move(const char *outbox, const char *folder, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s", outbox, folder);
    int code = atomfile_sync_folder(strbuf_text(&path), err);
    strbuf_release(&path);
    return code ? code : atomfile_sync_folder(outbox, err);
}

int spool_take(const char *outbox, const char *id, struct err *err)
{
    struct strbuf path = { 0 };
    int moved = move(outbox, id, "sent", &path, err);
    strbuf_release(&path);
    int code = moved == 1 ? sync_move(outbox, "sent", err) : moved;
    return code ? code : moved;
}

int spool_pull(const char *outbox, const char *id, struct err *err)
{
    struct strbuf path = { 0 };
    int moved = move(outbox, id, "pulled", &path, err);
    int code = moved == 1 ? sync_move(outbox, "pulled", err) : moved;
    if (moved == 1 && !code && truncate(strbuf_text(&path), 0))
        code = err_set_errno(err, ERR_IO, "cannot empty '%s'", strbuf_text(&path));
    strbuf_release(&path);
    return code ? code : moved;
}

int spool_empty(const char *outbox, const char *id, struct err *err)
{
    struct strbuf path = { 0 };
    struct stat about;
    int code = 0;
    strbuf_addf(&path, "%s/sent/%s.eml", outbox, id);
    if (lstat(strbuf_text(&path), &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0)
        code = truncate(strbuf_text(&path), 0) ? err_set_errno(err, ERR_IO, "cannot empty '%s'", strbuf_text(&path)) : 1;
    strbuf_release(&path);
    return code;
}

int spool_mark(const char *outbox, const char *id, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/sent", outbox);
    int code = atomfile_mkdir(strbuf_text(&path), 0700, err);
    strbuf_addf(&path, "/%s.eml", id);
    int fd = code ? -1 : open(strbuf_text(&path), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (!code && (fd < 0 || fsync(fd)))
        code = err_set_errno(err, ERR_CANTCREAT, "cannot create '%s'", strbuf_text(&path));
    if (fd >= 0)
        close(fd);
    strbuf_release(&path);
    return code;
}

int spool_read(const char *outbox, const char *id, struct strbuf *out, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s.eml", outbox, id);
    int code = atomfile_read(strbuf_text(&path), MESSAGE_MAX, out, err);
    strbuf_release(&path);
    return code == ERR_NOINPUT ? 0 : code ? code : 1;
}

int spool_drop(const char *folder, const char *id, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s.eml", folder, id);
    int code = unlink(strbuf_text(&path)) && errno != ENOENT ? err_set_errno(err, ERR_IO, "cannot remove '%s'", strbuf_text(&path)) : 0;
    strbuf_release(&path);
    return code;
}

int spool_forget_pulled(const char *outbox, const char *id, struct err *err)
{
    struct strbuf folder = { 0 };
    strbuf_addf(&folder, "%s/pulled", outbox);
    int code = spool_drop(strbuf_text(&folder), id, err);
    if (!code)
        code = atomfile_sync_folder(strbuf_text(&folder), err);
    strbuf_release(&folder);
    return code;
}

static int is_message(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".eml") == 0;
}

int spool_each(const char *folder, int (*visit)(void *context, const char *id, struct err *err), void *context, struct err *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_message, alphasort), code = 0;
    if (count < 0 && errno != ENOENT)
        code = err_set_errno(err, ERR_IO, "cannot look into '%s'", folder);
    for (int i = 0; i < count; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - 4] = '\0';
        if (!code)
            code = visit(context, entries[i]->d_name, err);
        free(entries[i]);
    }
    free(entries);
    return code;
}

static int write_synced(const char *path, struct slice message, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_set_errno(err, ERR_CANTCREAT, "cannot create '%s'", path);
    int failed = atomfile_put(fd, message) || fsync(fd);
    int code = failed ? err_set_errno(err, ERR_IO, "cannot write '%s'", path) : 0;
    if (close(fd) && !code)
        code = err_set_errno(err, ERR_IO, "cannot write '%s'", path);
    return code;
}

int spool_put(const char *outbox, const char *id, struct slice message, struct err *err)
{
    struct strbuf temporary = { 0 }, path = { 0 };
    strbuf_addf(&temporary, "%s/.tmp-%s", outbox, id);
    strbuf_addf(&path, "%s/%s.eml", outbox, id);
    int code = write_synced(strbuf_text(&temporary), message, err);
    if (!code && link(strbuf_text(&temporary), strbuf_text(&path)) && errno != EEXIST)
        code = err_set_errno(err, ERR_CANTCREAT, "cannot create '%s'", strbuf_text(&path));
    unlink(strbuf_text(&temporary));
    if (!code)
        code = atomfile_sync_folder(outbox, err);
    strbuf_release(&temporary);
    strbuf_release(&path);
    return code;
}
