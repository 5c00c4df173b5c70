/* SQLite, as this program uses it: WAL, synchronous=FULL, foreign keys, defensive, secure_delete, trusted_schema off.
 *
 * Schema: numbered migrations compiled in under core/sql/<name>/NNN_*.sql, one version per transaction, `user_version`;
 * a newer database is refused (ERR_DATA). Queries: .sql files compiled in, each query under a line "-- name: the_name";
 * named parameters only; every bind and step is checked. */
#ifndef CORE_DB_H
#define CORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct db;
struct stmt;

enum db_mode { DB_READ, DB_WRITE, DB_CREATE };

/* Opens `path`; DB_CREATE and DB_WRITE migrate it to the newest version of core/sql/<schema>/. ERR_NOINPUT, ERR_IO,
 * ERR_AGAIN (locked), ERR_DATA (corrupt, newer, of another schema, or, with DB_READ, older). A created file has mode
 * 0600, and so have its -wal and -shm; a file that others can open, that is not ours or is a symlink: ERR_PERMISSION.
 * A connection is used by one thread at a time. */
int db_open(struct db **db, const char *path, const char *schema, enum db_mode mode, struct err *err);
const char *db_path(const struct db *db); /* as given to db_open() */
void db_close(struct db *db);  /* NULL is fine; rolls back an open transaction */

int db_exec(struct db *db, const char *sql, struct err *err); /* constant SQL only */
int db_begin(struct db *db, struct err *err);                 /* BEGIN IMMEDIATE */
int db_commit(struct db *db, struct err *err);                /* rolls back on failure */
void db_rollback(struct db *db);                              /* no-op outside a transaction */
int db_checkpoint(struct db *db, struct err *err);            /* wal_checkpoint(TRUNCATE); wipes what was deleted */
int db_rehearse(struct db *db, struct err *err);              /* from now on until db_close() nothing is kept, also not what is committed */
int db_verify(struct db *db, struct err *err);                /* reads every page: ERR_DATA if it is corrupt */
/* Writes all that is committed, and nothing of what was deleted, to a new file of mode 0600, synced; others may write meanwhile.
 * ERR_CANTCREAT if it is there. */
int db_copy(struct db *db, const char *path, struct err *err);
void db_set_cache_kib(struct db *db, int kib);                /* memory for pages; 32 MiB until set */
void db_set_wait_ms(struct db *db, int wait_ms);              /* how long to wait for a lock before ERR_AGAIN */
int64_t db_last_id(struct db *db);
int64_t db_changes(struct db *db);

/* Prepares query `name` of the compiled-in file `file` ("etl/sql/load.sql"); db_prepare_text for built SQL whose
 * identifiers came through db_identifier(). */
int db_prepare(struct db *db, const char *file, const char *name, struct stmt **stmt, struct err *err);
int db_prepare_text(struct db *db, const char *sql, struct stmt **stmt, struct err *err);
void stmt_free(struct stmt *stmt);
/* Runs a named query that has no parameters. */
int db_run(struct db *db, const char *file, const char *name, struct err *err);
/* The first column of the first row of a constant query; ERR_DATA if there is no row. */
int db_integer(struct db *db, const char *sql, int64_t *value, struct err *err);

/* `text` if it is a NAME ([a-z][a-z0-9_]*, at most 60), else BUG: the allow-list for identifiers built into SQL. */
const char *db_identifier(const char *text);

/* Binding by name (":person"); unknown names are a BUG. Text and blobs are copied by SQLite only on step: they must live until then. */
void stmt_bind_integer(struct stmt *stmt, const char *name, int64_t value);
void stmt_bind_real(struct stmt *stmt, const char *name, double value);
void stmt_bind_text(struct stmt *stmt, const char *name, const char *text, size_t length);
void stmt_bind_string(struct stmt *stmt, const char *name, const char *text); /* up to its NUL; NULL binds NULL */
void stmt_bind_blob(struct stmt *stmt, const char *name, const void *data, size_t length);
void stmt_bind_null(struct stmt *stmt, const char *name);
/* By position (from 1) for the hot loops. */
void stmt_set_integer(struct stmt *stmt, int index, int64_t value);
void stmt_set_real(struct stmt *stmt, int index, double value);
void stmt_set_blob(struct stmt *stmt, int index, const void *data, size_t length);
void stmt_set_text(struct stmt *stmt, int index, const char *text, size_t length);
void stmt_set_null(struct stmt *stmt, int index);

int stmt_step(struct stmt *stmt, struct err *err);   /* 1: a row; 0: done (and reset); negative: error (and reset) */
int stmt_run(struct stmt *stmt, struct err *err);    /* steps to the end, drops rows, resets; bindings are cleared */
void stmt_reset(struct stmt *stmt);                  /* also clears the bindings */

bool stmt_is_null(struct stmt *stmt, int column);    /* columns from 0 */
int64_t stmt_integer(struct stmt *stmt, int column);
double stmt_real(struct stmt *stmt, int column);
const char *stmt_text(struct stmt *stmt, int column, size_t *length); /* valid until the next step */
const void *stmt_blob(struct stmt *stmt, int column, size_t *length);

#endif
