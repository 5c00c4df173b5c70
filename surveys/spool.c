#include "surveys/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/strbuf.h"

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
    bool waiting = false, taken = false;
    strbuf_addf(&path, "%s/%s.eml", outbox, id);
    int code = exists(strbuf_text(&path), &waiting, err);
    strbuf_clear(&path);
    strbuf_addf(&path, "%s/sent/%s.eml", outbox, id);
    if (!code)
        code = exists(strbuf_text(&path), &taken, err);
    strbuf_release(&path);
    if (!code)
        *state = taken ? SPOOL_TAKEN : waiting ? SPOOL_WAITING : SPOOL_NONE;
    return code;
}

static int write_all(int fd, struct slice data)
{
    while (data.length) {
        ssize_t done = write(fd, data.text, data.length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        data.text += done;
        data.length -= (size_t)done;
    }
    return 0;
}

static int write_synced(const char *path, struct slice message, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_set_errno(err, ERR_CANTCREAT, "cannot create '%s'", path);
    int failed = write_all(fd, message) || fsync(fd);
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

int spool_withdraw(const char *outbox, const char *id, bool *withdrawn, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s.eml", outbox, id);
    int code = 0;
    *withdrawn = unlink(strbuf_text(&path)) == 0;
    if (*withdrawn)
        code = atomfile_sync_folder(outbox, err);
    else if (errno != ENOENT && errno != ENOTDIR)
        code = err_set_errno(err, ERR_IO, "cannot remove '%s'", strbuf_text(&path));
    strbuf_release(&path);
    return code;
}
