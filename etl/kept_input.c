#include "etl/kept_input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/calendar.h"
#include "core/mem.h"

/* Each piece is a length of four bytes, little-endian, and the sealed record. The context of a piece holds its number and
 * whether it is the last one: none can be moved, dropped or left out at the end. The epoch of the key stands first. */
enum { PIECE_BYTES = 1 << 20, PREFIX_BYTES = 4, SEALED_MAX = PIECE_BYTES + 64 };
static const char suffix[] = ".sealed";

static void context_of(uint32_t number, bool last, char out[48])
{
    snprintf(out, 48, "input:%u:%s", (unsigned)number, last ? "last" : "more");
}

static void put_number(unsigned char out[PREFIX_BYTES], uint32_t number)
{
    for (int i = 0; i < PREFIX_BYTES; i++)
        out[i] = (unsigned char)(number >> (8 * i));
}

static uint32_t get_number(const unsigned char in[PREFIX_BYTES])
{
    uint32_t number = 0;
    for (int i = 0; i < PREFIX_BYTES; i++)
        number |= (uint32_t)in[i] << (8 * i);
    return number;
}

static int put(int fd, const void *data, size_t length, struct err *err)
{
    return atomfile_put(fd, (struct slice) { data, length }) ? err_set_errno(err, ERR_IO, "cannot write a kept input") : 0;
}

/* Reads until `length` or the end. */
static int read_all(int fd, void *data, size_t length, size_t *got, struct err *err)
{
    size_t used = 0;
    while (used < length) {
        ssize_t part = read(fd, (char *)data + used, length - used);
        if (part < 0 && errno != EINTR)
            return err_set_errno(err, ERR_IO, "cannot read an input");
        if (part == 0)
            break;
        used += part > 0 ? (size_t)part : 0;
    }
    *got = used;
    return 0;
}

static int write_piece(int out, const unsigned char *key, const char *context, struct slice plain, struct err *err)
{
    struct strbuf sealed = { 0 };
    unsigned char prefix[PREFIX_BYTES];
    key_encrypt(key, context, plain, &sealed);
    put_number(prefix, (uint32_t)sealed.length);
    int code = put(out, prefix, sizeof prefix, err);
    if (!code)
        code = put(out, sealed.text, sealed.length, err);
    strbuf_release(&sealed);
    return code;
}

static int seal(int in, int out, const struct keyring *keyring, struct err *err)
{
    uint32_t epoch = keyring_epoch(keyring, KEY_QUARANTINE), number = 0;
    const unsigned char *key = keyring_key(keyring, KEY_QUARANTINE, epoch);
    unsigned char prefix[PREFIX_BYTES];
    char context[48], *piece;
    size_t got = PIECE_BYTES;
    if (!key)
        return err_set(err, ERR_CONFIG, "there is no quarantine key to keep the input under");
    put_number(prefix, epoch);
    int code = lseek(in, 0, SEEK_SET) ? err_set_errno(err, ERR_IO, "cannot read an input again")
                                      : put(out, prefix, sizeof prefix, err);
    piece = mem_alloc(PIECE_BYTES);
    while (!code && got == PIECE_BYTES) {
        code = read_all(in, piece, PIECE_BYTES, &got, err);
        context_of(number++, got < PIECE_BYTES, context);
        if (!code)
            code = write_piece(out, key, context, (struct slice){ piece, got }, err);
    }
    explicit_bzero(piece, PIECE_BYTES);
    free(piece);
    return code;
}

int kept_input_write(const struct kept_input *kept, int fd, struct err *err)
{
    struct strbuf path = { 0 }, temporary = { 0 };
    char day[16];
    calendar_format_day(kept->expires_day, day);
    strbuf_addf(&path, "%s/%s.%lld.%s%s", kept->folder, day, (long long)kept->file, kept->name, suffix);
    strbuf_addf(&temporary, "%s/.tmp-%lld", kept->folder, (long long)kept->file);
    int code = 0;
    int out = open(temporary.text, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0)
        code = err_set_errno(err, ERR_CANTCREAT, "cannot create '%s'", temporary.text);
    if (!code)
        code = seal(fd, out, kept->keyring, err);
    if (!code && fsync(out))
        code = err_set_errno(err, ERR_IO, "cannot write '%s'", temporary.text);
    if (out >= 0)
        close(out);
    if (!code)
        code = atomfile_rename(temporary.text, path.text, err);
    else if (out >= 0)
        unlink(temporary.text);
    strbuf_release(&path);
    strbuf_release(&temporary);
    return code;
}

static int damaged(struct err *err)
{
    return err_set(err, ERR_DATA, "a kept input was changed or cut");
}

/* 1: a piece that is not the last; 0: the last. */
static int read_piece(int in, const unsigned char *key, uint32_t number, struct strbuf *plain, struct err *err)
{
    unsigned char prefix[PREFIX_BYTES];
    char context[48];
    size_t got;
    int code = read_all(in, prefix, sizeof prefix, &got, err);
    if (code || got < sizeof prefix || get_number(prefix) > SEALED_MAX)
        return code ? code : damaged(err);
    size_t length = get_number(prefix);
    char *sealed = mem_alloc(length);
    code = read_all(in, sealed, length, &got, err);
    if (!code && got < length)
        code = damaged(err);
    for (int last = 1; !code && last >= 0; last--) {
        context_of(number, last, context);
        if (key_decrypt(key, context, (struct slice){ sealed, length }, plain, NULL) == 0) {
            free(sealed);
            return !last;
        }
    }
    free(sealed);
    return code ? code : damaged(err);
}

static int unseal(int in, int out, const struct keyring *keyring, struct err *err)
{
    unsigned char prefix[PREFIX_BYTES] = { 0 };
    struct strbuf plain = { 0 };
    size_t got;
    int more = 1, code = read_all(in, prefix, sizeof prefix, &got, err);
    const unsigned char *key = keyring_key(keyring, KEY_QUARANTINE, get_number(prefix));
    if (!code && got < sizeof prefix)
        code = damaged(err);
    if (!code && !key)
        code = err_set(err, ERR_DATA, "the key of the kept input is gone");
    for (uint32_t number = 0; !code && more > 0; number++) {
        more = read_piece(in, key, number, &plain, err);
        code = more < 0 ? more : put(out, plain.text, plain.length, err);
    }
    strbuf_wipe(&plain);
    return code;
}

int kept_input_read(const char *path, const struct keyring *keyring, int out_fd, struct err *err)
{
    struct stat status;
    int in = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (in < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", path);
    int code = fstat(in, &status) || !S_ISREG(status.st_mode) ? damaged(err) : unseal(in, out_fd, keyring, err);
    close(in);
    return code;
}

bool kept_input_term(const char *name, int32_t *day)
{
    struct calendar_date date;
    size_t length = strlen(name), tail = strlen(suffix);
    if (length <= tail || strcmp(name + length - tail, suffix) != 0 ||
        sscanf(name, "%4d-%2d-%2d.", &date.year, &date.month, &date.day) != 3 || !calendar_is_valid(date))
        return false;
    *day = calendar_day(date);
    return true;
}

int kept_input_expire(const char *folder, int32_t today, bool dry_run, uint64_t *removed, struct err *err)
{
    DIR *list = opendir(folder);
    int code = 0;
    *removed = 0;
    if (!list)
        return errno == ENOENT ? 0 : err_set_errno(err, ERR_IO, "cannot list '%s'", folder);
    for (struct dirent *entry; (entry = readdir(list)) && !code;) {
        int32_t day;
        if (!kept_input_term(entry->d_name, &day) || day > today)
            continue;
        if (!dry_run && unlinkat(dirfd(list), entry->d_name, 0))
            code = err_set_errno(err, ERR_IO, "cannot remove '%s/%s'", folder, entry->d_name);
        ++*removed;
    }
    closedir(list);
    return code;
}
