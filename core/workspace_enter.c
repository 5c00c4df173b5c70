#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/strbuf.h"
#include "core/workspace.h"

enum { CLOCK_FILE_BYTES = 64 };

static int require_secret(const char *path, struct err *err)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot look at '%s'; 'fallzahl init' makes it", path);
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077) != 0)
        return err_set(err, ERR_PERMISSION, "'%s' must be a folder of this user with mode 0700; see 'fallzahl check'",
                       path);
    return 0;
}

/* `init` alone would make a new one, which knows nobody. */
static int require_state(const struct workspace *workspace, struct err *err)
{
    struct stat status;
    char *state = workspace_path(workspace, "state");
    int code = 0;
    if (lstat(state, &status) != 0 && errno == ENOENT && workspace_shows_use(workspace))
        code = err_set(err, ERR_DATA,
                       "'%s' is gone, with everybody who objected or left; is its volume mounted? If it is lost, 'fallzahl init' makes "
                       "the folder and 'fallzahl restore' puts back the newest backup",
                       state);
    free(state);
    return code;
}

/* What is told of persons goes into folders of the workspace, not where a link leads. One that is missing is made, or missed, later. */
static int require_folders(const struct workspace *workspace, struct err *err)
{
    static const char answers[] = "answers";
    int code = 0;
    for (const struct workspace_folder *at = workspace_folders; at->path && !code; at++) {
        struct stat status;
        if (!at->secret && strncmp(at->path, answers, sizeof answers - 1) != 0)
            continue;
        char *path = workspace_path(workspace, "%s", at->path);
        if (lstat(path, &status) == 0 && !S_ISDIR(status.st_mode))
            code = err_set(err, ERR_PERMISSION, "'%s' is not a folder, but a link or a file; see 'fallzahl check'", path);
        free(path);
    }
    return code;
}

/* The lock's holder, for the message; 0 if it has not yet written itself down. */
static long read_holder(int fd)
{
    char text[32] = { 0 };
    return pread(fd, text, sizeof text - 1, 0) > 0 ? strtol(text, NULL, 10) : 0;
}

static int write_holder(int fd, struct err *err)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)length, 0) != length)
        return err_set_errno(err, ERR_IO, "cannot write the lock");
    return 0;
}

static int refuse_second(const struct workspace *workspace, long holder, struct err *err)
{
    char process[40] = "";
    if (holder)
        snprintf(process, sizeof process, " (process %ld)", holder);
    return err_set(err, ERR_AGAIN, "another run is at work in '%s'%s; try again later", workspace->folder, process);
}

static int take_lock(struct workspace *workspace, const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return err_set_errno(err, ERR_CANTCREAT, "cannot open the lock '%s'", path);
    int code = 0;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        code = write_holder(fd, err);
    else if (errno == EWOULDBLOCK)
        code = refuse_second(workspace, read_holder(fd), err);
    else
        code = err_set_errno(err, ERR_IO, "cannot lock '%s'", path);
    if (code)
        close(fd);
    else
        workspace->lock = fd;
    return code;
}

/* The instant of the last run; the beginning of time if there was none. */
static int read_last(const char *path, int64_t *last, struct err *err)
{
    if (access(path, F_OK) != 0)
        return 0;
    struct strbuf text = { 0 };
    struct clock clock = { 0 };
    int code = atomfile_read(path, CLOCK_FILE_BYTES, &text, err);
    if (!code) {
        text.text[strcspn(strbuf_text(&text), "\n")] = '\0';
        if (clock_inject(&clock, strbuf_text(&text), NULL))
            code = err_set(err, ERR_DATA, "'%s' does not hold an instant", path);
    }
    if (!code)
        *last = clock.injected_s;
    strbuf_release(&text);
    return code;
}

static int check_clock(const struct workspace *workspace, const struct clock *clock, enum workspace_act act,
                       int64_t last, struct err *err)
{
    if (!clock->injected)
        return 0;
    if (act != WORKSPACE_STORES && !workspace->test)
        return err_set(err, ERR_USAGE,
                       "--as-of may not send, serve or delete here; only in a workspace of 'init --test'");
    if (clock_now(clock) >= last)
        return 0;
    char when[32];
    calendar_format_instant(last, when);
    return err_set(err, ERR_USAGE, "--as-of lies before the last run (%s); time does not run backwards", when);
}

static int note_instant(const char *path, int64_t instant, struct err *err)
{
    char when[32], line[40];
    calendar_format_instant(instant, when);
    int length = snprintf(line, sizeof line, "%s\n", when);
    return atomfile_write(path, 0600, (struct slice){ line, (size_t)length }, err);
}

/* A machine's clock that was set back does not turn the note back, so the rule for injected clocks holds on. */
static int pass_clock(const struct workspace *workspace, const struct clock *clock, enum workspace_act act,
                      struct err *err)
{
    char *path = workspace_path(workspace, "state/clock");
    int64_t last = INT64_MIN, now = clock_now(clock);
    int code = read_last(path, &last, err);
    if (!code)
        code = check_clock(workspace, clock, act, last, err);
    if (!code && now > last)
        code = note_instant(path, now, err);
    free(path);
    return code;
}

int workspace_enter(struct workspace *workspace, const struct clock *clock, enum workspace_act act, struct err *err)
{
    BUG_ON(workspace->lock >= 0);
    char *state = workspace_path(workspace, "state"), *lock = workspace_path(workspace, "state/run.lock");
    int code = require_state(workspace, err);
    if (!code)
        code = require_secret(state, err);
    if (!code)
        code = require_folders(workspace, err);
    if (!code)
        code = take_lock(workspace, lock, err);
    if (!code)
        code = workspace_note_databases(workspace, err);
    if (!code && act != WORKSPACE_RESTORES)
        code = workspace_require_databases(workspace, err);
    if (!code)
        code = pass_clock(workspace, clock, act, err);
    if (code && workspace->lock >= 0) {
        close(workspace->lock);
        workspace->lock = -1;
    }
    free(state);
    free(lock);
    return code;
}
