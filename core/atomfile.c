#include "core/atomfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/strbuf.h"

static const char temporary_prefix[] = ".tmp-";

/* "a/b" gives "a", "b" gives ".", "/b" gives "/"; trailing slashes do not count. */
static char *folder_of(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    if (length == 0)
        return mem_strdup(".");
    while (length > 1 && path[length - 1] == '/')
        length--;
    return mem_strndup(path, length);
}

/* The same name each time, so that writing a file again removes what a killed run left. */
static char *temporary_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    struct strbuf temporary = { 0 };
    strbuf_add(&temporary, path, (size_t)(name - path));
    strbuf_adds(&temporary, temporary_prefix);
    strbuf_adds(&temporary, name);
    return temporary.text;
}

int atomfile_sync_folder(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "cannot open folder '%s'", path);
    int code = 0;
    if (fsync(fd) < 0)
        code = err_set_errno(err, ERR_IO, "cannot sync folder '%s'", path);
    close(fd);
    return code;
}

static int sync_folder_of(const char *path, struct err *err)
{
    char *folder = folder_of(path);
    int code = atomfile_sync_folder(folder, err);
    free(folder);
    return code;
}

static int rename_and_sync(const char *from, const char *to, struct err *err)
{
    if (rename(from, to) < 0)
        return err_set_errno(err, ERR_IO, "cannot rename '%s' to '%s'", from, to);
    return sync_folder_of(to, err);
}

int atomfile_rename(const char *from, const char *to, struct err *err)
{
    int code = rename_and_sync(from, to, err);
    return code ? code : sync_folder_of(from, err);
}

int atomfile_put(int fd, struct slice data)
{
    while (data.length) {
        ssize_t written = write(fd, data.text, data.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        data.text += written;
        data.length -= (size_t)written;
    }
    return 0;
}

int atomfile_write_staged(const char *path, mode_t mode, struct slice data, struct err *err)
{
    if (unlink(path) < 0 && errno != ENOENT)
        return err_set_errno(err, ERR_CANTCREAT, "cannot remove '%s'", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, ERR_CANTCREAT, "cannot create '%s'", path);
    int code = 0;
    if (atomfile_put(fd, data) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0)
        code = err_set_errno(err, ERR_IO, "cannot write '%s'", path);
    if (close(fd) < 0 && !code)
        code = err_set_errno(err, ERR_IO, "cannot close '%s'", path);
    return code;
}

int atomfile_write(const char *path, mode_t mode, struct slice data, struct err *err)
{
    char *temporary = temporary_of(path);
    int code = atomfile_write_staged(temporary, mode, data, err);
    if (!code)
        code = rename_and_sync(temporary, path, err);
    if (code)
        unlink(temporary);
    free(temporary);
    return code;
}

int atomfile_symlink(const char *target, const char *path, struct err *err)
{
    char *temporary = temporary_of(path);
    int code = 0;
    if ((unlink(temporary) < 0 && errno != ENOENT) || symlink(target, temporary) < 0)
        code = err_set_errno(err, ERR_CANTCREAT, "cannot create symlink '%s'", path);
    if (!code)
        code = rename_and_sync(temporary, path, err);
    if (code)
        unlink(temporary);
    free(temporary);
    return code;
}

static int make_one(const char *path, mode_t mode, struct err *err)
{
    struct stat stat_there;
    if (mkdir(path, 0700) < 0) {
        if (errno == EEXIST && stat(path, &stat_there) == 0 && S_ISDIR(stat_there.st_mode))
            return 0;
        return err_set_errno(err, ERR_CANTCREAT, "cannot make folder '%s'", path);
    }
    if (chmod(path, mode) < 0)
        return err_set_errno(err, ERR_CANTCREAT, "cannot set the mode of folder '%s'", path);
    return sync_folder_of(path, err);
}

int atomfile_mkdir(const char *path, mode_t mode, struct err *err)
{
    char *part = mem_strdup(path);
    int code = 0;
    for (char *slash = part; !code && (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        code = make_one(part, mode, err);
        *slash = '/';
    }
    if (!code)
        code = make_one(part, mode, err);
    free(part);
    return code;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int remove_at(int parent, const char *name);

/* Takes over the descriptor of the folder. */
static int remove_content(int fd)
{
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return -1;
    }
    int status = 0;
    for (struct dirent *entry; !status && (errno = 0, entry = readdir(folder));)
        if (!is_dots(entry->d_name))
            status = remove_at(dirfd(folder), entry->d_name);
    if (errno && !status)
        status = -1;
    int number = errno;
    closedir(folder);
    errno = number;
    return status;
}

static int remove_at(int parent, const char *name)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || remove_content(fd) < 0)
        return -1;
    return unlinkat(parent, name, AT_REMOVEDIR);
}

int atomfile_remove_tree(const char *path, struct err *err)
{
    if (remove_at(AT_FDCWD, path) < 0)
        return err_set_errno(err, ERR_IO, "cannot remove '%s'", path);
    return 0;
}

int atomfile_clean(const char *path, struct err *err)
{
    DIR *folder = opendir(path);
    if (!folder)
        return err_set_errno(err, ERR_IO, "cannot open folder '%s'", path);
    int status = 0;
    for (struct dirent *entry; !status && (entry = readdir(folder));)
        if (strncmp(entry->d_name, temporary_prefix, sizeof temporary_prefix - 1) == 0)
            status = unlinkat(dirfd(folder), entry->d_name, 0);
    int code = status ? err_set_errno(err, ERR_IO, "cannot remove temporary files in '%s'", path) : 0;
    closedir(folder);
    return code;
}

static int read_all(int fd, const char *path, size_t max_bytes, struct strbuf *out, struct err *err)
{
    char block[16 * 1024];
    for (;;) {
        ssize_t got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_errno(err, ERR_IO, "cannot read '%s'", path);
        if (got == 0)
            return 0;
        if ((size_t)got > max_bytes - out->length)
            return err_set(err, ERR_DATA, "'%s' is larger than %zu bytes", path, max_bytes);
        strbuf_add(out, block, (size_t)got);
    }
}

int atomfile_read(const char *path, size_t max_bytes, struct strbuf *out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", path);
    struct strbuf content = { 0 };
    int code = read_all(fd, path, max_bytes, &content, err);
    close(fd);
    if (code) {
        strbuf_wipe(&content);
        return code;
    }
    strbuf_release(out);
    *out = content;
    return 0;
}
