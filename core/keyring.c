#include "core/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/keyring_internal.h"
#include "core/log.h"
#include "core/mem.h"

struct key_slot {
    enum key_purpose purpose;
    uint32_t epoch;
    bool credential;
};

/* The i-th slot describes the i-th KEY_BYTES of `bytes`, which lie in one locked, guarded allocation. */
struct keyring {
    unsigned char *bytes;
    struct key_slot slots[KEY_PURPOSES * PSEUDONYM_MAX_EPOCHS];
    size_t count;
    struct key_slot damaged[KEY_PURPOSES * PSEUDONYM_MAX_EPOCHS];
    size_t damaged_count;
};

static pthread_once_t sodium_once = PTHREAD_ONCE_INIT;

static void start_sodium(void)
{
    if (sodium_init() < 0)
        BUG("libsodium does not start");
}

const char *key_purpose_name(enum key_purpose purpose)
{
    static const char *const names[KEY_PURPOSES] = { "analytics", "objection", "cases", "contact", "token",
                                                          "quarantine" };
    BUG_ON(purpose >= KEY_PURPOSES);
    return names[purpose];
}

int keyring_harden_process(struct err *err)
{
    static const struct rlimit no_core = { 0, 0 };
    if (setrlimit(RLIMIT_CORE, &no_core) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
        return err_set_errno(err, ERR_INTERNAL, "cannot switch off core dumps");
    return 0;
}

/* "analytics.12": purpose, dot, epoch from 1 without leading zero. */
static bool parse_name(const char *name, struct key_slot *slot)
{
    const char *dot = strchr(name, '.');
    if (!dot || dot[1] < '1' || dot[1] > '9' || strlen(dot + 1) > 9 || dot[1 + strspn(dot + 1, "0123456789")])
        return false;
    for (int purpose = 0; purpose < KEY_PURPOSES; purpose++) {
        const char *known = key_purpose_name((enum key_purpose)purpose);
        if (strlen(known) == (size_t)(dot - name) && strncmp(name, known, strlen(known)) == 0) {
            slot->purpose = (enum key_purpose)purpose;
            slot->epoch = (uint32_t)strtoul(dot + 1, NULL, 10);
            return true;
        }
    }
    return false;
}

int keyring_open_folder(const char *folder, int *fd, struct err *err)
{
    struct stat status;
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (opened < 0 && (errno == ENOTDIR || errno == ELOOP))
        return err_set(err, ERR_PERMISSION, "key folder '%s' is not a folder", folder);
    if (opened < 0)
        return err_set_errno(err, errno == EACCES ? ERR_PERMISSION : ERR_NOINPUT, "cannot open key folder '%s'", folder);
    int failed = 0;
    if (fstat(opened, &status))
        failed = err_set_errno(err, ERR_IO, "cannot read key folder '%s'", folder);
    else if (status.st_uid != geteuid())
        failed = err_set(err, ERR_PERMISSION, "key folder '%s' belongs to another user", folder);
    else if ((status.st_mode & 07777) != 0700)
        failed = err_set(err, ERR_PERMISSION, "key folder '%s' has mode %04o, must be 0700", folder,
                         (unsigned)(status.st_mode & 07777));
    if (failed)
        close(opened);
    else
        *fd = opened;
    return failed;
}

/* systemd hands credentials over read-only, owned by us or, with an ACL for us, by root in mode 0440. */
static int check_credential(int fd, const char *name, struct err *err)
{
    struct stat status;
    if (fstat(fd, &status))
        return err_set_errno(err, ERR_IO, "cannot read credential '%s'", name);
    if (!S_ISREG(status.st_mode) || (status.st_uid != geteuid() && status.st_uid != 0) || (status.st_mode & 07337))
        return err_set(err, ERR_PERMISSION, "credential '%s' must be a file of this user or root that nobody can write or all read",
                       name);
    return 0;
}

static int check_key_file(int fd, const char *name, struct err *err)
{
    struct stat status;
    if (fstat(fd, &status))
        return err_set_errno(err, ERR_IO, "cannot read key '%s'", name);
    if (!S_ISREG(status.st_mode))
        return err_set(err, ERR_PERMISSION, "key '%s' is not a regular file", name);
    if (status.st_uid != geteuid())
        return err_set(err, ERR_PERMISSION, "key '%s' belongs to another user", name);
    if ((status.st_mode & 07777) != 0600 && (status.st_mode & 07777) != 0400)
        return err_set(err, ERR_PERMISSION, "key '%s' has mode %04o, must be 0600 or 0400", name,
                       (unsigned)(status.st_mode & 07777));
    if (status.st_nlink != 1)
        return err_set(err, ERR_PERMISSION, "key '%s' has a second name (hard link)", name);
    return 0;
}

/* Reads one key to `key`; the hex text passes through `scratch` of KEY_FILE_BYTES + 1, which the caller wipes. */
static int read_key(int fd, const char *name, unsigned char *key, char *scratch, struct err *err)
{
    size_t used = 0;
    ssize_t got;
    while (used < KEY_FILE_BYTES + 1 && (got = read(fd, scratch + used, KEY_FILE_BYTES + 1 - used)) != 0) {
        if (got < 0 && errno != EINTR)
            return err_set_errno(err, ERR_IO, "cannot read key '%s'", name);
        used += got > 0 ? (size_t)got : 0;
    }
    size_t decoded = 0;
    const char *end = scratch;
    if (used == KEY_FILE_BYTES && scratch[KEY_HEX] == '\n' &&
        sodium_hex2bin(key, KEY_BYTES, scratch, KEY_HEX, NULL, &decoded, &end) == 0 && decoded == KEY_BYTES &&
        end == scratch + KEY_HEX)
        return 0;
    return err_set(err, ERR_DATA, "'%s' is not a key: %d hex digits and a line feed are needed", name, KEY_HEX);
}

static int open_key_file(int folder_fd, const char *name, bool credential, int *fd, struct err *err)
{
    int opened = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0 && errno == ELOOP)
        return err_set(err, ERR_PERMISSION, "key '%s' is a symbolic link", name);
    if (opened < 0)
        return err_set_errno(err, errno == EACCES ? ERR_PERMISSION : ERR_IO, "cannot open key '%s'", name);
    int failed = credential ? check_credential(opened, name, err) : check_key_file(opened, name, err);
    if (failed)
        close(opened);
    else
        *fd = opened;
    return failed;
}

static int check_slot(const struct keyring *keyring, const struct key_slot *slot, const char *name, struct err *err)
{
    if (keyring_epochs(keyring, slot->purpose, NULL) == PSEUDONYM_MAX_EPOCHS)
        return err_set(err, ERR_DATA, "more than %d keys for %s", PSEUDONYM_MAX_EPOCHS, key_purpose_name(slot->purpose));
    if (keyring_key(keyring, slot->purpose, slot->epoch))
        return err_set(err, ERR_DATA, "the key '%s' is both a file and a credential; keep one", name);
    return 0;
}

/* Without these keys much goes on (etl/store_keys.h): a damaged one must not stop more than a lost one. */
static bool is_dispensable(enum key_purpose purpose)
{
    return purpose == KEY_CONTACT || purpose == KEY_TOKEN || purpose == KEY_QUARANTINE;
}

/* `slot` says what the file `name` is the key of. */
static int add_key(struct keyring *keyring, int folder_fd, const char *name, const struct key_slot *slot, struct err *err)
{
    char scratch[KEY_FILE_BYTES + 1];
    int fd, failed = check_slot(keyring, slot, name, err);
    if (!failed)
        failed = open_key_file(folder_fd, name, slot->credential, &fd, err);
    if (failed)
        return failed;
    failed = read_key(fd, name, keyring->bytes + keyring->count * KEY_BYTES, scratch, err);
    sodium_memzero(scratch, sizeof scratch);
    close(fd);
    if (!failed)
        keyring->slots[keyring->count++] = *slot;
    if (failed != ERR_DATA || !is_dispensable(slot->purpose) || keyring_damaged(keyring, slot->purpose, NULL) == PSEUDONYM_MAX_EPOCHS)
        return failed;
    keyring->damaged[keyring->damaged_count++] = *slot;
    return 0;
}

/* Names that begin with a dot are temporary files of a killed keyring_create(). Of the credentials those that do not begin
 * with "fallzahl-" are not ours. */
static int add_entry(struct keyring *keyring, int folder_fd, const char *name, bool credential, struct err *err)
{
    static const char prefix[] = "fallzahl-";
    struct key_slot slot = { .credential = credential };
    if (name[0] == '.' || (credential && strncmp(name, prefix, sizeof prefix - 1) != 0))
        return 0;
    if (!parse_name(name + (credential ? sizeof prefix - 1 : 0), &slot))
        return err_set(err, ERR_DATA, "'%s' in the key folder is not the name of a key", name);
    return add_key(keyring, folder_fd, name, &slot, err);
}

static int read_folder(struct keyring *keyring, int folder_fd, bool credentials, struct err *err)
{
    int copy = fcntl(folder_fd, F_DUPFD_CLOEXEC, 0);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    if (!folder)
        return err_set_errno(err, ERR_IO, "cannot list the key folder");
    int failed = 0;
    struct dirent *entry;
    while (!failed && (entry = readdir(folder)))
        failed = add_entry(keyring, folder_fd, entry->d_name, credentials, err);
    closedir(folder);
    return failed;
}

static int read_credentials(struct keyring *keyring, struct err *err)
{
    const char *path = getenv("CREDENTIALS_DIRECTORY");
    if (!path || !*path)
        return 0;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot open the credentials '%s'", path);
    int failed = read_folder(keyring, fd, true, err);
    close(fd);
    return failed;
}

static struct keyring *keyring_new(void)
{
    enum { BYTES = KEY_PURPOSES * PSEUDONYM_MAX_EPOCHS * KEY_BYTES };
    struct keyring *keyring = mem_zalloc(1, sizeof *keyring);
    keyring->bytes = sodium_malloc(BYTES);
    if (!keyring->bytes)
        mem_fail();
    if (sodium_mlock(keyring->bytes, BYTES))
        log_event(LOG_LEVEL_WARNING, "keys_not_locked", "reason=memlock_limit");
    return keyring;
}

int keyring_open(struct keyring **keyring, const char *folder, struct err *err)
{
    int fd;
    pthread_once(&sodium_once, start_sodium);
    int failed = keyring_open_folder(folder, &fd, err);
    if (failed)
        return failed;
    struct keyring *opened = keyring_new();
    failed = read_folder(opened, fd, false, err);
    close(fd);
    if (!failed)
        failed = read_credentials(opened, err);
    if (failed) {
        keyring_free(opened);
        return failed;
    }
    sodium_mprotect_readonly(opened->bytes);
    *keyring = opened;
    return 0;
}

void keyring_free(struct keyring *keyring)
{
    if (!keyring)
        return;
    sodium_free(keyring->bytes); /* wipes */
    free(keyring);
}

uint32_t keyring_epoch(const struct keyring *keyring, enum key_purpose purpose)
{
    uint32_t newest = 0;
    for (size_t i = 0; i < keyring->count; i++)
        if (keyring->slots[i].purpose == purpose && keyring->slots[i].epoch > newest)
            newest = keyring->slots[i].epoch;
    return newest;
}

static int compare_epochs(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static size_t epochs_of(const struct key_slot *slots, size_t slot_count, enum key_purpose purpose, uint32_t *epochs)
{
    size_t count = 0;
    for (size_t i = 0; i < slot_count; i++) {
        if (slots[i].purpose != purpose)
            continue;
        if (epochs)
            epochs[count] = slots[i].epoch;
        count++;
    }
    if (epochs)
        qsort(epochs, count, sizeof *epochs, compare_epochs);
    return count;
}

size_t keyring_epochs(const struct keyring *keyring, enum key_purpose purpose, uint32_t *epochs)
{
    return epochs_of(keyring->slots, keyring->count, purpose, epochs);
}

size_t keyring_damaged(const struct keyring *keyring, enum key_purpose purpose, uint32_t *epochs)
{
    return epochs_of(keyring->damaged, keyring->damaged_count, purpose, epochs);
}

bool keyring_is_damaged(const struct keyring *keyring, enum key_purpose purpose, uint32_t epoch)
{
    for (size_t i = 0; i < keyring->damaged_count; i++)
        if (keyring->damaged[i].purpose == purpose && keyring->damaged[i].epoch == epoch)
            return true;
    return false;
}

const unsigned char *keyring_key(const struct keyring *keyring, enum key_purpose purpose, uint32_t epoch)
{
    for (size_t i = 0; i < keyring->count; i++)
        if (keyring->slots[i].purpose == purpose && keyring->slots[i].epoch == epoch)
            return keyring->bytes + i * KEY_BYTES;
    return NULL;
}

bool keyring_is_credential(const struct keyring *keyring, enum key_purpose purpose, uint32_t epoch)
{
    for (size_t i = 0; i < keyring->count; i++)
        if (keyring->slots[i].purpose == purpose && keyring->slots[i].epoch == epoch)
            return keyring->slots[i].credential;
    return false;
}
