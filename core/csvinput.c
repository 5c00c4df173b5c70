#include "core/csvinput.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"

enum { BLOCK_BYTES = 256 * 1024, MAGIC_BYTES = 10, HASH_ALIGNMENT = 64 };

struct csvinput {
    int fd;
    int read_errno; /* of a read that failed inside libarchive */
    unsigned char *block;
    size_t block_bytes, first_bytes; /* first_bytes: already in `block`, not yet given */
    uint64_t done_bytes, total_bytes;
    struct archive *archive; /* NULL for a plain file */
    bool ended;
    unsigned char digest[32];
    unsigned char hash_space[sizeof(crypto_generichash_state) + HASH_ALIGNMENT];
};

/* libsodium wants its state aligned more strictly than the heap gives. */
static crypto_generichash_state *hash_state(struct csvinput *input)
{
    size_t off = (uintptr_t)input->hash_space % HASH_ALIGNMENT;
    return (void *)(input->hash_space + (HASH_ALIGNMENT - off) % HASH_ALIGNMENT);
}

/* Reads until the block is full or the file ends. */
static ssize_t read_block(struct csvinput *input, size_t wanted)
{
    size_t filled = 0;
    while (filled < wanted) {
        ssize_t got = read(input->fd, input->block + filled, wanted - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        filled += (size_t)got;
    }
    crypto_generichash_update(hash_state(input), input->block, filled);
    input->done_bytes += filled;
    return (ssize_t)filled;
}

/* The bytes read to recognise the format come first, then the rest of the file. */
static ssize_t next_block(struct csvinput *input)
{
    if (!input->first_bytes)
        return read_block(input, input->block_bytes);
    size_t first = input->first_bytes;
    input->first_bytes = 0;
    return (ssize_t)first;
}

static la_ssize_t feed_archive(struct archive *archive, void *data, const void **bytes)
{
    struct csvinput *input = data;
    ssize_t got = next_block(input);
    if (got < 0) {
        input->read_errno = errno;
        archive_set_error(archive, errno, "read failed");
    }
    *bytes = input->block;
    return got;
}

/* Bytes at the start of packed files (xz, gzip, zstd; bzip2 has a digit between these two). */
static const unsigned char xz_magic[] = { 0xFD, '7', 'z', 'X', 'Z', 0 };
static const unsigned char gzip_magic[] = { 0x1F, 0x8B };
static const unsigned char zstd_magic[] = { 0x28, 0xB5, 0x2F, 0xFD };
static const unsigned char bzip2_magic[] = { 'B', 'Z', 'h' }, bzip2_block[] = { '1', 'A', 'Y', '&', 'S', 'Y' };

static bool has_at(const struct csvinput *input, size_t offset, const unsigned char *magic, size_t length)
{
    return input->first_bytes >= offset + length && memcmp(input->block + offset, magic, length) == 0;
}
#define HAS_AT(input, offset, magic) has_at((input), (offset), (magic), sizeof(magic))

static bool is_packed(const struct csvinput *input)
{
    return HAS_AT(input, 0, xz_magic) || HAS_AT(input, 0, gzip_magic) || HAS_AT(input, 0, zstd_magic) ||
           (HAS_AT(input, 0, bzip2_magic) && HAS_AT(input, 4, bzip2_block));
}

static int archive_failure(struct csvinput *input, struct err *err)
{
    if (input->read_errno) {
        errno = input->read_errno;
        return err_set_errno(err, ERR_IO, "cannot read");
    }
    const char *why = archive_error_string(input->archive);
    return err_set(err, ERR_DATA, "cannot unpack: %s", why ? why : "damaged");
}

/* Only filters that need no other program, and one nameless entry: the stream itself, which may not be empty. */
static int open_archive(struct csvinput *input, struct err *err)
{
    struct archive *archive = archive_read_new();
    if (!archive)
        mem_fail();
    input->archive = archive;
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_format_raw(archive);
    struct archive_entry *entry;
    if (archive_read_open(archive, input, NULL, feed_archive, NULL) != ARCHIVE_OK)
        return archive_failure(input, err);
    return archive_read_next_header(archive, &entry) == ARCHIVE_OK ? 0 : archive_failure(input, err);
}

static int open_file(struct csvinput *input, struct err *err)
{
    struct stat stat;
    if (fstat(input->fd, &stat) < 0)
        return err_set_errno(err, ERR_IO, "cannot stat");
    if (S_ISDIR(stat.st_mode))
        return err_set(err, ERR_NOINPUT, "is a folder");
    input->total_bytes = S_ISREG(stat.st_mode) ? (uint64_t)stat.st_size : 0;
    ssize_t got = read_block(input, input->block_bytes > MAGIC_BYTES ? input->block_bytes : MAGIC_BYTES);
    if (got < 0)
        return err_set_errno(err, ERR_IO, "cannot read");
    input->first_bytes = (size_t)got;
    return is_packed(input) ? open_archive(input, err) : 0;
}

int csvinput_open(struct csvinput **out, int fd, size_t block_bytes, struct err *err)
{
    if (sodium_init() < 0)
        BUG("libsodium cannot start");
    struct csvinput *input = mem_zalloc(1, sizeof *input);
    input->fd = fd;
    input->block_bytes = block_bytes ? block_bytes : BLOCK_BYTES;
    input->block = mem_alloc(input->block_bytes > MAGIC_BYTES ? input->block_bytes : MAGIC_BYTES);
    crypto_generichash_init(hash_state(input), NULL, 0, sizeof input->digest);
    int code = open_file(input, err);
    if (code) {
        csvinput_free(input);
        return code;
    }
    *out = input;
    return 0;
}

void csvinput_free(struct csvinput *input)
{
    if (!input)
        return;
    archive_read_free(input->archive);
    close(input->fd);
    explicit_bzero(input->block, input->block_bytes);
    free(input->block);
    free(input);
}

static int read_plain(struct csvinput *input, struct slice *bytes, struct err *err)
{
    ssize_t got = next_block(input);
    if (got < 0)
        return err_set_errno(err, ERR_IO, "cannot read");
    *bytes = (struct slice){ (const char *)input->block, (size_t)got };
    return 0;
}

/* What follows the packed stream belongs to the digest, too. */
static int drain(struct csvinput *input, struct err *err)
{
    ssize_t got;
    while ((got = read_block(input, input->block_bytes)) > 0)
        ;
    return got < 0 ? err_set_errno(err, ERR_IO, "cannot read") : 0;
}

static int read_packed(struct csvinput *input, struct slice *bytes, struct err *err)
{
    const void *block;
    size_t length;
    la_int64_t offset;
    int status;
    do {
        status = archive_read_data_block(input->archive, &block, &length, &offset);
    } while (status == ARCHIVE_RETRY || (status == ARCHIVE_OK && length == 0));
    if (status == ARCHIVE_EOF)
        return drain(input, err);
    if (status != ARCHIVE_OK)
        return archive_failure(input, err);
    *bytes = (struct slice){ block, length };
    return 0;
}

int csvinput_read(struct csvinput *input, struct slice *bytes, struct err *err)
{
    *bytes = (struct slice){ "", 0 };
    if (input->ended)
        return 0;
    int code = input->archive ? read_packed(input, bytes, err) : read_plain(input, bytes, err);
    input->ended = !code && bytes->length == 0;
    if (input->ended)
        crypto_generichash_final(hash_state(input), input->digest, sizeof input->digest);
    return code;
}

void csvinput_progress(const struct csvinput *input, uint64_t *done_bytes, uint64_t *total_bytes)
{
    *done_bytes = input->done_bytes;
    *total_bytes = input->total_bytes;
}

void csvinput_digest(const struct csvinput *input, unsigned char digest[32])
{
    memcpy(digest, input->digest, sizeof input->digest);
}
