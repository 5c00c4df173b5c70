#include "core/db.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/db_internal.h"
#include "core/embed.h"
#include "core/mem.h"
#include "core/strbuf.h"

enum { WAIT_MS = 10000 };

static pthread_once_t configured = PTHREAD_ONCE_INIT;

/* Statistics of allocations take a lock on each of them. Too late to change it is no error. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum err_code code_of(int result)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_AGAIN;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_DATA;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return ERR_PERMISSION;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return ERR_IO;
    default:
        return ERR_INTERNAL;
    }
}

int db_error(struct db *db, int result, struct err *err)
{
    if ((result & 0xff) == SQLITE_NOMEM)
        mem_fail();
    return err_set(err, code_of(result), "database '%s': %s", db->path, sqlite3_errmsg(db->handle));
}

/* The file is made before SQLite sees it, so that no umask and no default opens it, nor its -wal and -shm, which
 * take over its mode. */
static int create_file(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : err_set_errno(err, ERR_CANTCREAT, "cannot create database '%s'", path);
    int failed = fchmod(fd, 0600);
    close(fd);
    return failed ? err_set_errno(err, ERR_IO, "cannot set the mode of '%s'", path) : 0;
}

static int check_file(const char *path, struct err *err)
{
    struct stat status;
    if (lstat(path, &status))
        return err_set_errno(err, errno == ENOENT ? ERR_NOINPUT : ERR_IO, "cannot open database '%s'", path);
    if (!S_ISREG(status.st_mode))
        return err_set(err, ERR_PERMISSION, "database '%s' is not a regular file", path);
    if (status.st_uid != geteuid())
        return err_set(err, ERR_PERMISSION, "database '%s' belongs to another user", path);
    if (status.st_mode & 077)
        return err_set(err, ERR_PERMISSION, "database '%s' has mode %04o, must be 0600", path,
                       (unsigned)(status.st_mode & 07777));
    return 0;
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
    int result = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : db_error(db, result, err);
}

int db_integer(struct db *db, const char *sql, int64_t *value, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = db_prepare_text(db, sql, &stmt, err);
    if (step)
        return step;
    step = stmt_step(stmt, err);
    if (step > 0)
        *value = stmt_integer(stmt, 0);
    stmt_free(stmt);
    if (step < 0)
        return step;
    return step ? 0 : err_set(err, ERR_DATA, "database '%s' gives no answer to '%s'", db->path, sql);
}

static void set_flag(struct db *db, int option, int value)
{
    if (sqlite3_db_config(db->handle, option, value, NULL) != SQLITE_OK)
        BUG("sqlite3_db_config(%d)", option);
}

static int harden(struct db *db, enum db_mode mode, struct err *err)
{
    set_flag(db, SQLITE_DBCONFIG_DEFENSIVE, 1);
    set_flag(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
    set_flag(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1);
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, WAIT_MS);
    /* page_size: of a new file; larger ones load faster, but a night's changes write more. temp_store: what a sort spills must
     * not reach a disk. cache_size: in KiB. */
    int failed = db_exec(db,
                         "PRAGMA page_size = 8192; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
                         "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -32768;",
                         err);
    if (!failed && mode == DB_READ)
        failed = db_exec(db, "PRAGMA query_only = ON", err);
    return failed;
}

/* A database of another schema, or of no schema, is told by its application id, a FNV-1a hash of the schema's name. */
static int32_t application_id(const char *schema)
{
    uint32_t hash = 2166136261u;
    for (const char *c = schema; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return (int32_t)(hash & 0x7fffffff);
}

static const struct embed_file *migration(const char *schema, size_t i)
{
    char prefix[128];
    snprintf(prefix, sizeof prefix, "core/sql/%s/", schema);
    return embed_under(prefix, i);
}

static int64_t newest_version(const char *schema)
{
    int64_t count = 0;
    for (const struct embed_file *file; (file = migration(schema, (size_t)count)); count++) {
        const char *number = strrchr(file->path, '/') + 1;
        if (strtol(number, NULL, 10) != count + 1)
            BUG("migration '%s' should have number %d", file->path, (int)count + 1);
    }
    BUG_ON(count == 0);
    return count;
}

/* One version in one transaction. The version is read again inside, as another process may have been first. */
static int migrate_once(struct db *db, const char *schema, int64_t *version, struct err *err)
{
    int failed = db_begin(db, err);
    if (!failed)
        failed = db_integer(db, "PRAGMA user_version", version, err);
    const struct embed_file *file = failed ? NULL : migration(schema, (size_t)*version);
    if (file) {
        char pragmas[96];
        snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                 (int)application_id(schema), (int)*version + 1);
        failed = db_exec(db, file->text, err);
        if (!failed)
            failed = db_exec(db, pragmas, err);
        if (failed)
            err_prefix(err, "migration '%s'", file->path);
        else
            ++*version;
    }
    if (!failed)
        failed = db_commit(db, err);
    if (failed)
        db_rollback(db);
    return failed;
}

static int check_version(struct db *db, const char *schema, int64_t version, struct err *err)
{
    int64_t id = 0, newest = newest_version(schema);
    int failed = db_integer(db, "PRAGMA application_id", &id, err);
    if (failed)
        return failed;
    if (version > 0 && id != application_id(schema))
        return err_set(err, ERR_DATA, "database '%s' is not a %s database", db->path, schema);
    if (version > newest)
        return err_set(err, ERR_DATA, "database '%s' has schema version %d, this program knows up to %d", db->path,
                       (int)version, (int)newest);
    return 0;
}

static int migrate(struct db *db, const char *schema, enum db_mode mode, struct err *err)
{
    int64_t version = 0, newest = newest_version(schema);
    int failed = db_integer(db, "PRAGMA user_version", &version, err);
    if (!failed)
        failed = check_version(db, schema, version, err);
    if (!failed && mode == DB_READ && version < newest)
        return err_set(err, ERR_DATA, "database '%s' has schema version %d, needed is %d: a run brings it up to date",
                       db->path, (int)version, (int)newest);
    while (!failed && version < newest)
        failed = migrate_once(db, schema, &version, err);
    return failed;
}

/* The journal mode is a property of the file: a reader must find it, not set it. */
static int set_wal(struct db *db, enum db_mode mode, struct err *err)
{
    if (mode == DB_READ)
        return 0;
    struct stmt *stmt;
    int step = db_prepare_text(db, "PRAGMA journal_mode = WAL", &stmt, err);
    if (step)
        return step;
    step = stmt_step(stmt, err);
    bool wal = step > 0 && strcmp(stmt_text(stmt, 0, NULL), "wal") == 0;
    stmt_free(stmt);
    if (step < 0)
        return step;
    return wal ? 0 : err_set(err, ERR_IO, "database '%s' cannot use a write-ahead log here", db->path);
}

static int open_handle(struct db *db, enum db_mode mode, struct err *err)
{
    int flags = mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int result = sqlite3_open_v2(db->path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (result != SQLITE_OK)
        return db->handle ? db_error(db, result, err) : err_set(err, ERR_IO, "cannot open database '%s'", db->path);
    db_rows_register(db);
    db_watch_log(db);
    return harden(db, mode, err);
}

int db_open(struct db **db, const char *path, const char *schema, enum db_mode mode, struct err *err)
{
    pthread_once(&configured, configure);
    int failed = mode == DB_CREATE ? create_file(path, err) : 0;
    if (!failed)
        failed = check_file(path, err);
    if (failed)
        return failed;
    struct db *opened = mem_zalloc(1, sizeof *opened);
    opened->path = mem_strdup(path);
    failed = open_handle(opened, mode, err);
    if (!failed)
        failed = set_wal(opened, mode, err);
    if (!failed)
        failed = migrate(opened, schema, mode, err);
    if (failed)
        db_close(opened);
    else
        *db = opened;
    return failed;
}

const char *db_path(const struct db *db)
{
    return db->path;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db->rehearses = false;
    db_rollback(db);
    stmt_drop_idle(db);
    if (sqlite3_close(db->handle) != SQLITE_OK)
        BUG("database '%s' closed with open statements", db->path);
    free(db->touched);
    free(db->path);
    free(db);
}

void db_set_cache_kib(struct db *db, int kib)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA cache_size = -%d", kib);
    if (db_exec(db, sql, NULL))
        BUG("%s", sql);
}

void db_set_wait_ms(struct db *db, int wait_ms)
{
    sqlite3_busy_timeout(db->handle, wait_ms);
}

int db_begin(struct db *db, struct err *err)
{
    return db_exec(db, db->rehearses ? "SAVEPOINT rehearsed" : "BEGIN IMMEDIATE", err);
}

int db_commit(struct db *db, struct err *err)
{
    int failed = db_exec(db, db->rehearses ? "RELEASE rehearsed" : "COMMIT", err);
    if (failed)
        db_rollback(db);
    return failed;
}

/* A savepoint that was released, or never set, is no error here. */
void db_rollback(struct db *db)
{
    if (db->handle && !sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, db->rehearses ? "ROLLBACK TO rehearsed; RELEASE rehearsed" : "ROLLBACK", NULL, NULL, NULL);
}

int db_rehearse(struct db *db, struct err *err)
{
    int failed = db_begin(db, err);
    db->rehearses = !failed;
    return failed;
}

int db_verify(struct db *db, struct err *err)
{
    struct stmt *stmt;
    int step = db_prepare_text(db, "PRAGMA quick_check(1)", &stmt, err);
    if (step)
        return step;
    step = stmt_step(stmt, err);
    bool sound = step > 0 && strcmp(stmt_text(stmt, 0, NULL), "ok") == 0;
    stmt_free(stmt);
    if (step < 0)
        return step;
    return sound ? 0 : err_set(err, ERR_DATA, "database '%s' is corrupt", db->path);
}

int64_t db_last_id(struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int db_copy(struct db *db, const char *path, struct err *err)
{
    struct stmt *stmt = NULL;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, ERR_CANTCREAT, "cannot create database '%s'", path);
    int code = db_prepare_text(db, "VACUUM INTO :path", &stmt, err); /* an empty file it fills */
    if (!code) {
        stmt_bind_string(stmt, ":path", path);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    if (!code && fsync(fd))
        code = err_set_errno(err, ERR_IO, "cannot write database '%s'", path);
    close(fd);
    return code;
}
