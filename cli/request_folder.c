#include "cli/request_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/caller.h"
#include "cli/request.h"
#include "core/mem.h"

enum { REQUEST_BYTES_MAX = 64 * 1024, OTHER_NAME_AGE_S = 10 * 60 };

static const char suffix[] = ".yaml";

/* One file under way. */
struct dropped {
    struct casework *work;
    const char *group, *name; /* the file's, with its suffix */
    int folder;               /* descriptor */
    struct stat status;       /* of the file when it was opened */
    char who[CALLER_MAX];
    char answer[ANSWER_NAME_MAX];
    char digest[2 * PSEUDONYM_BYTES + 1]; /* of its name and what stands in it */
};

static void take_digest(struct dropped *dropped, const struct strbuf *text)
{
    unsigned char digest[PSEUDONYM_BYTES];
    struct strbuf all = { 0 };
    strbuf_add(&all, dropped->name, strlen(dropped->name) + 1);
    strbuf_add(&all, strbuf_text(text), text->length);
    pseudonym_derive(dropped->work->store.cases, "request", (struct slice){ strbuf_text(&all), all.length }, digest);
    sodium_bin2hex(dropped->digest, sizeof dropped->digest, digest, sizeof digest);
    strbuf_wipe(&all);
}

static bool is_hidden(const char *name)
{
    return name[0] == '.';
}

static bool has_suffix(const char *name)
{
    size_t length = strlen(name);
    return length > sizeof suffix - 1 && strcmp(name + length - (sizeof suffix - 1), suffix) == 0;
}

/* Under another name it may be on its way: it gets its name when all of it is there. */
static bool is_due(const struct dropped *dropped)
{
    struct stat status;
    if (has_suffix(dropped->name) && !is_hidden(dropped->name))
        return true;
    return !fstatat(dropped->folder, dropped->name, &status, AT_SYMLINK_NOFOLLOW) && S_ISREG(status.st_mode) &&
           dropped->work->now - status.st_mtime >= OTHER_NAME_AGE_S;
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int check_file(const struct stat *status, struct err *err)
{
    if (!S_ISREG(status->st_mode))
        return err_set(err, ERR_DATA, "a request is a regular file");
    if (status->st_nlink != 1)
        return err_set(err, ERR_DATA, "the file has a second name (hard link), so its owner is not who asks");
    if (status->st_mode & 022)
        return err_set(err, ERR_DATA, "others can write to the file, so its owner is not certain; expected mode 0644 or less");
    if (status->st_size > REQUEST_BYTES_MAX)
        return err_set(err, ERR_DATA, "the file is larger than %d bytes", REQUEST_BYTES_MAX);
    return 0;
}

static int read_all(int fd, struct strbuf *text, struct err *err)
{
    char part[4096];
    ssize_t got;
    while ((got = read(fd, part, sizeof part)) != 0 && text->length <= REQUEST_BYTES_MAX) {
        if (got < 0 && errno != EINTR)
            return err_set_errno(err, ERR_IO, "cannot read the file");
        strbuf_add(text, part, got > 0 ? (size_t)got : 0);
    }
    if (text->length > REQUEST_BYTES_MAX)
        return err_set(err, ERR_DATA, "the file is larger than %d bytes", REQUEST_BYTES_MAX);
    if (!text->length || text->text[text->length - 1] != '\n')
        return err_set(err, ERR_DATA, "the last line has no end; the file may not have been complete");
    return 0;
}

/* Fills in who asks. Links are not followed: their owner did not write what they point to. */
static int read_request(struct dropped *dropped, struct strbuf *text, struct err *err)
{
    if (fstatat(dropped->folder, dropped->name, &dropped->status, AT_SYMLINK_NOFOLLOW))
        return err_set_errno(err, ERR_NOINPUT, "cannot look at '%s'", dropped->name);
    caller_name(dropped->status.st_uid, dropped->who);
    if (!has_suffix(dropped->name) || is_hidden(dropped->name))
        return err_set(err, ERR_DATA, "the name of a request ends in .yaml and does not begin with a dot");
    int code = check_file(&dropped->status, err);
    if (code)
        return code;
    int fd = openat(dropped->folder, dropped->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set_errno(err, ERR_DATA, "cannot open the file");
    if (fstat(fd, &dropped->status))
        code = err_set_errno(err, ERR_IO, "cannot look at '%s'", dropped->name);
    caller_name(dropped->status.st_uid, dropped->who);
    if (!code)
        code = check_file(&dropped->status, err);
    if (!code)
        code = read_all(fd, text, err);
    close(fd);
    return code;
}

static int perform(struct dropped *dropped, struct strbuf *out, struct err *err)
{
    struct strbuf text = { 0 };
    struct config *config = NULL;
    int code = read_request(dropped, &text, err);
    take_digest(dropped, &text);
    if (!code)
        code = config_parse(&config, dropped->name, strbuf_text(&text), text.length, err);
    if (!code)
        code = request_do(dropped->work, dropped->group, dropped->who, config, out, err);
    config_free(config);
    strbuf_wipe(&text);
    return code;
}

/* ---- answering ---- */

static int answer(const struct dropped *dropped, const struct err *outcome, const char *text, struct err *err)
{
    const struct answer given = { dropped->group, dropped->answer, dropped->who, outcome->code ? "refused" : "done", outcome, text, dropped->digest };
    return answer_write(dropped->work, &given, err);
}

/* Only the file that was answered goes. */
static int remove_request(const struct dropped *dropped, struct err *err)
{
    struct stat now;
    const struct stat *then = &dropped->status;
    if (fstatat(dropped->folder, dropped->name, &now, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : err_set_errno(err, ERR_IO, "cannot look at request '%s'", dropped->answer);
    if (now.st_ino != then->st_ino || now.st_size != then->st_size || now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != then->st_mtim.tv_nsec)
        return 0;
    if (unlinkat(dropped->folder, dropped->name, S_ISDIR(now.st_mode) ? AT_REMOVEDIR : 0) && errno != ENOENT &&
        errno != ENOTEMPTY && errno != EEXIST)
        return err_set_errno(err, ERR_IO, "cannot remove request '%s'", dropped->answer);
    return fsync(dropped->folder) ? err_set_errno(err, ERR_IO, "cannot sync the folder of requests") : 0;
}

static int do_one(struct dropped *dropped, struct request_counts *counts, struct err *err)
{
    struct strbuf out = { 0 };
    struct err outcome = { 0 };
    size_t length = strlen(dropped->name) - (has_suffix(dropped->name) ? sizeof suffix - 1 : 0);
    answer_name(dropped->answer, (struct slice){ dropped->name, length });
    outcome.code = perform(dropped, &out, &outcome);
    int code = answer(dropped, &outcome, strbuf_text(&out), err);
    if (!code)
        code = remove_request(dropped, err);
    *(outcome.code ? &counts->refused : &counts->done) += 1;
    strbuf_wipe(&out);
    return code;
}

static int do_folder(struct casework *work, const char *group, struct request_counts *counts, struct err *err)
{
    struct dirent **entries = NULL;
    char *path = workspace_path(work->session.workspace, "requests/%s", group);
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int count = folder < 0 ? -1 : scandirat(folder, ".", &entries, is_entry, alphasort);
    int code = count < 0 ? err_set_errno(err, ERR_IO, "cannot look into '%s'", path) : 0;
    for (int i = 0; i < count; i++) {
        struct dropped dropped = { .work = work, .group = group, .name = entries[i]->d_name, .folder = folder };
        if (!code && is_due(&dropped))
            code = do_one(&dropped, counts, err);
        free(entries[i]);
    }
    free(entries);
    free(path);
    if (folder >= 0)
        close(folder);
    return code;
}

int request_folders_do(struct casework *work, struct request_counts *counts, struct err *err)
{
    int code = do_folder(work, "dpo", counts, err); /* objections before invitations */
    return code ? code : do_folder(work, "marketing", counts, err);
}
