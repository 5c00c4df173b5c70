/* Checkpoints that leave nothing of what was deleted.
 *
 * secure_delete zeroes what is deleted, but not the old copies that a b-tree leaves between the cell pointers and the cells of a
 * page when cells move to a neighbour (https://www.sqlite.org/fileformat2.html, 1.6). So after a checkpoint that gap is
 * zeroed in every page that the log held. Nothing reads the gap: a write that is torn does no harm.
 *
 * The write lock is held meanwhile and the log is empty, so that no other process changes the file. The file is written
 * through SQLite's own handle: closing a second descriptor would drop its locks. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/db_internal.h"
#include "core/mem.h"
#include "core/strbuf.h"

enum {
    LOG_HEADER_BYTES = 32,
    FRAME_HEADER_BYTES = 24,
    FILE_HEADER_BYTES = 100,
    AUTOMATIC_PAGES = 2000,
    MAX_PAGES = 1 << 25, /* beyond, a page that begins with a page number could look like a b-tree page */
};

static uint32_t big_endian(const unsigned char *bytes, int count)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void note_page(struct db *db, uint32_t page)
{
    size_t byte = page / 8;
    if (byte >= db->touched_bytes) {
        size_t bytes = byte * 2 + 64;
        db->touched = mem_resize(db->touched, bytes, 1);
        memset(db->touched + db->touched_bytes, 0, bytes - db->touched_bytes);
        db->touched_bytes = bytes;
    }
    db->touched[byte] = (unsigned char)(db->touched[byte] | 1u << page % 8);
}

static char *log_path(const struct db *db)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s-wal", db->path);
    return path.text;
}

/* Notes every page of which the log holds a version, of an earlier round, too. */
static void note_log(struct db *db)
{
    unsigned char header[LOG_HEADER_BYTES];
    char *path = log_path(db);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    free(path);
    if (fd < 0)
        return;
    if (pread(fd, header, sizeof header, 0) == sizeof header) {
        off_t frame_bytes = FRAME_HEADER_BYTES + (off_t)big_endian(header + 8, 4);
        for (off_t at = LOG_HEADER_BYTES; pread(fd, header, FRAME_HEADER_BYTES, at) == FRAME_HEADER_BYTES;
             at += frame_bytes)
            note_page(db, big_endian(header, 4));
    }
    close(fd);
}

/* The gap of a b-tree page; nothing for other pages, and for one that is not as it should be. */
static size_t find_gap(const unsigned char *page, size_t page_bytes, size_t header, size_t *length)
{
    unsigned char type = page[header];
    bool is_leaf = type == 10 || type == 13, is_interior = type == 2 || type == 5;
    size_t start = header + (is_leaf ? 8u : 12u) + 2 * big_endian(page + header + 3, 2);
    size_t end = big_endian(page + header + 5, 2);
    if (end == 0)
        end = 65536;
    *length = (is_leaf || is_interior) && start < end && end <= page_bytes ? end - start : 0;
    return start;
}

static bool is_zero(const unsigned char *bytes, size_t length)
{
    return length == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0);
}

static int wipe_page(sqlite3_file *file, uint32_t number, unsigned char *page, size_t page_bytes)
{
    static const unsigned char zeros[65536];
    sqlite3_int64 at = (sqlite3_int64)(number - 1) * (sqlite3_int64)page_bytes;
    size_t length = 0;
    int result = file->pMethods->xRead(file, page, (int)page_bytes, at);
    if (result != SQLITE_OK)
        return result == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : result; /* the file became shorter */
    size_t start = find_gap(page, page_bytes, number == 1 ? FILE_HEADER_BYTES : 0, &length);
    if (is_zero(page + start, length))
        return SQLITE_OK;
    return file->pMethods->xWrite(file, zeros, (int)length, at + (sqlite3_int64)start);
}

static int wipe_pages(struct db *db, size_t page_bytes)
{
    sqlite3_file *file = NULL;
    int result = sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    unsigned char *page = mem_alloc(page_bytes);
    for (size_t i = 1; i < db->touched_bytes * 8 && result == SQLITE_OK; i++)
        if (db->touched[i / 8] & 1u << i % 8)
            result = wipe_page(file, (uint32_t)i, page, page_bytes);
    if (result == SQLITE_OK)
        result = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    free(page);
    if (result == SQLITE_OK)
        memset(db->touched, 0, db->touched_bytes);
    return result;
}

static bool log_is_empty(const struct db *db)
{
    struct stat status;
    char *path = log_path(db);
    bool empty = stat(path, &status) || status.st_size == 0;
    free(path);
    return empty;
}

/* Somebody may write between the checkpoint and the lock: then what is left to do waits for the next checkpoint. */
static int wipe(struct db *db, struct err *err)
{
    int64_t page_bytes = 0, pages = 0;
    if (!db->touched)
        return 0;
    int code = db_integer(db, "PRAGMA page_size", &page_bytes, err);
    if (!code)
        code = db_integer(db, "PRAGMA page_count", &pages, err);
    if (!code && pages > MAX_PAGES)
        return err_set(err, ERR_IO, "database '%s' has grown too large to wipe what was deleted", db->path);
    if (!code)
        code = db_begin(db, err);
    if (!code && log_is_empty(db) && wipe_pages(db, (size_t)page_bytes) != SQLITE_OK)
        code = err_set(err, ERR_IO, "database '%s': cannot wipe what was deleted", db->path);
    db_rollback(db);
    return code;
}

int db_checkpoint(struct db *db, struct err *err)
{
    if (db->rehearses)
        return 0;
    note_log(db);
    int result = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return result == SQLITE_OK ? wipe(db, err) : db_error(db, result, err);
}

/* In place of SQLite's automatic checkpoint, which would lose the pages from sight. */
static int after_commit(void *context, sqlite3 *handle, const char *name, int pages)
{
    if (pages < AUTOMATIC_PAGES)
        return SQLITE_OK;
    note_log(context);
    sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL); /* readers may put it off */
    return SQLITE_OK;
}

void db_watch_log(struct db *db)
{
    sqlite3_wal_hook(db->handle, after_commit, db);
}
