/* Keys made and destroyed; core/keyring.c reads them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/keyring.h"
#include "core/keyring_internal.h"

/* Writes a fresh key under a temporary name, then renames it, so that a key is there whole or not at all and never
 * replaces one. */
static int write_key(int folder_fd, const char *name, struct err *err)
{
    unsigned char key[KEY_BYTES];
    char hex[KEY_HEX + 1], temporary[KEY_NAME_MAX + 8];
    snprintf(temporary, sizeof temporary, ".tmp-%s", name);
    unlinkat(folder_fd, temporary, 0);
    int fd = openat(folder_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, ERR_CANTCREAT, "cannot create key '%s'", name);
    randombytes_buf(key, sizeof key);
    sodium_bin2hex(hex, sizeof hex, key, sizeof key);
    hex[KEY_HEX] = '\n';
    bool written = fchmod(fd, 0600) == 0 && write(fd, hex, KEY_FILE_BYTES) == KEY_FILE_BYTES && fsync(fd) == 0;
    sodium_memzero(key, sizeof key);
    sodium_memzero(hex, sizeof hex);
    close(fd);
    int failed = 0;
    if (!written || renameat2(folder_fd, temporary, folder_fd, name, RENAME_NOREPLACE))
        failed = err_set_errno(err, ERR_CANTCREAT, "cannot create key '%s'", name);
    if (!failed && fsync(folder_fd))
        failed = err_set_errno(err, ERR_IO, "cannot sync the key folder");
    return failed;
}

static int create_key(int folder_fd, enum key_purpose purpose, uint32_t epoch, struct err *err)
{
    char name[KEY_NAME_MAX];
    snprintf(name, sizeof name, "%s.%u", key_purpose_name(purpose), (unsigned)epoch);
    return write_key(folder_fd, name, err);
}

int keyring_create(const char *folder, struct err *err)
{
    struct keyring *keyring;
    int fd;
    if (mkdir(folder, 0700) && errno != EEXIST)
        return err_set_errno(err, ERR_CANTCREAT, "cannot create key folder '%s'", folder);
    int failed = keyring_open(&keyring, folder, err);
    if (failed)
        return failed;
    failed = keyring_open_folder(folder, &fd, err);
    for (int i = 0; i < KEY_PURPOSES && !failed; i++)
        if (keyring_epoch(keyring, (enum key_purpose)i) == 0)
            failed = create_key(fd, (enum key_purpose)i, 1, err);
    close(fd);
    keyring_free(keyring);
    return failed;
}

static int create_next(const char *folder, enum key_purpose purpose, uint32_t newest, uint32_t *epoch, struct err *err)
{
    int fd, failed = keyring_open_folder(folder, &fd, err);
    if (failed)
        return failed;
    failed = create_key(fd, purpose, newest + 1, err);
    close(fd);
    if (!failed)
        *epoch = newest + 1;
    return failed;
}

int keyring_renew(const char *folder, enum key_purpose purpose, uint32_t used, uint32_t *epoch, struct err *err)
{
    struct keyring *keyring;
    int failed = keyring_open(&keyring, folder, err);
    if (failed)
        return failed;
    uint32_t newest = keyring_epoch(keyring, purpose);
    keyring_free(keyring);
    return create_next(folder, purpose, newest > used ? newest : used, epoch, err);
}

int keyring_rotate(const char *folder, enum key_purpose purpose, uint32_t *epoch, struct err *err)
{
    struct keyring *keyring;
    int failed = keyring_open(&keyring, folder, err);
    if (failed)
        return failed;
    uint32_t newest = keyring_epoch(keyring, purpose);
    size_t live = keyring_epochs(keyring, purpose, NULL);
    keyring_free(keyring);
    if (!newest)
        return err_set(err, ERR_PERMISSION, "there is no key for %s; a lost key is not replaced by a rotation",
                       key_purpose_name(purpose));
    if (live == PSEUDONYM_MAX_EPOCHS)
        return err_set(err, ERR_USAGE, "%zu keys for %s are live; wait until the oldest is out of use", live,
                       key_purpose_name(purpose));
    return create_next(folder, purpose, newest, epoch, err);
}

/* The bytes of the file, in its place: a new file would lie elsewhere. A damaged one may be longer than a key. */
static int overwrite(int folder_fd, const char *name, struct err *err)
{
    unsigned char noise[KEY_FILE_BYTES];
    struct stat status;
    int fd = openat(folder_fd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set_errno(err, errno == ENOENT ? ERR_NOINPUT : ERR_IO, "cannot open key '%s'", name);
    randombytes_buf(noise, sizeof noise);
    bool done = fstat(fd, &status) == 0;
    for (off_t at = 0; done && (at == 0 || at < status.st_size); at += (off_t)sizeof noise)
        done = pwrite(fd, noise, sizeof noise, at) == (ssize_t)sizeof noise;
    int failed = done && fsync(fd) == 0 ? 0 : err_set_errno(err, ERR_IO, "cannot overwrite key '%s'", name);
    close(fd);
    return failed;
}

/* Under a name that keyring_open() passes over, so that a key half overwritten is never taken for one. */
static int destroy(int folder_fd, const char *name, struct err *err)
{
    char doomed[KEY_NAME_MAX + 8];
    snprintf(doomed, sizeof doomed, ".gone-%s", name);
    if (fchmodat(folder_fd, name, 0600, 0) || renameat(folder_fd, name, folder_fd, doomed))
        return err_set_errno(err, errno == ENOENT ? ERR_NOINPUT : ERR_IO, "cannot rename key '%s'", name);
    int failed = fsync(folder_fd) ? err_set_errno(err, ERR_IO, "cannot sync the key folder") : 0;
    if (!failed)
        failed = overwrite(folder_fd, doomed, err);
    if (!failed && unlinkat(folder_fd, doomed, 0))
        failed = err_set_errno(err, ERR_IO, "cannot remove key '%s'", name);
    if (!failed && fsync(folder_fd))
        failed = err_set_errno(err, ERR_IO, "cannot sync the key folder");
    return failed;
}

int keyring_destroy(const char *folder, enum key_purpose purpose, uint32_t epoch, struct err *err)
{
    char name[KEY_NAME_MAX];
    int fd, failed = keyring_open_folder(folder, &fd, err);
    if (failed)
        return failed;
    snprintf(name, sizeof name, "%s.%u", key_purpose_name(purpose), (unsigned)epoch);
    failed = destroy(fd, name, err);
    close(fd);
    return failed;
}

/* What a killed keyring_destroy() left: overwritten or not, its rename says that it is out of use. */
int keyring_finish_destroying(const char *folder, struct err *err)
{
    static const char prefix[] = ".gone-";
    int fd, failed = keyring_open_folder(folder, &fd, err);
    if (failed)
        return failed;
    DIR *entries = fdopendir(fd);
    if (!entries) {
        close(fd);
        return err_set_errno(err, ERR_IO, "cannot list the key folder");
    }
    const struct dirent *entry;
    while (!failed && (entry = readdir(entries))) {
        if (strncmp(entry->d_name, prefix, sizeof prefix - 1) != 0)
            continue;
        failed = overwrite(dirfd(entries), entry->d_name, err);
        if (!failed && unlinkat(dirfd(entries), entry->d_name, 0))
            failed = err_set_errno(err, ERR_IO, "cannot remove '%s'", entry->d_name);
    }
    if (!failed && fsync(dirfd(entries)))
        failed = err_set_errno(err, ERR_IO, "cannot sync the key folder");
    closedir(entries);
    return failed;
}
