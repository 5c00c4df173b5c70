/* Statements of core/db.h: preparing, binding, stepping. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/db_internal.h"
#include "core/embed.h"
#include "core/mem.h"

enum { IDLE_MAX = 64 };

struct stmt {
    sqlite3_stmt *handle;
    struct db *db;
    const char *file, *name; /* of a named one, as compiled in; the name ends with its line. Else NULL */
    struct stmt *next;  /* idle ones */
};

/* Blanks and comments up to the end? */
static bool is_empty_sql(const char *sql, const char *end)
{
    while (sql < end) {
        if (isspace((unsigned char)*sql)) {
            sql++;
        } else if (end - sql > 1 && sql[0] == '-' && sql[1] == '-') {
            const char *line_end = memchr(sql, '\n', (size_t)(end - sql));
            sql = line_end ? line_end : end;
        } else {
            return false;
        }
    }
    return true;
}

static void check_parameters(sqlite3_stmt *handle, const char *sql)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(handle); i++) {
        const char *name = sqlite3_bind_parameter_name(handle, i);
        if (!name || name[0] != ':')
            BUG("parameter %d has no name in: %s", i, sql);
    }
}

static int prepare(struct db *db, const char *sql, size_t length, struct stmt **stmt, struct err *err)
{
    sqlite3_stmt *handle = NULL;
    const char *tail = NULL;
    int result = sqlite3_prepare_v3(db->handle, sql, (int)length, SQLITE_PREPARE_PERSISTENT, &handle, &tail);
    if (result != SQLITE_OK)
        return db_error(db, result, err);
    if (!handle || !is_empty_sql(tail, sql + length))
        BUG("not exactly one statement: %s", sql);
    check_parameters(handle, sql);
    *stmt = mem_zalloc(1, sizeof **stmt);
    (*stmt)->handle = handle;
    (*stmt)->db = db;
    return 0;
}

int db_prepare_text(struct db *db, const char *sql, struct stmt **stmt, struct err *err)
{
    return prepare(db, sql, strlen(sql), stmt, err);
}

static const char name_mark[] = "-- name: ";

/* Where the name stands in the line "-- name: NAME"; NULL if there is none. */
static const char *find_name(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *mark = strstr(text, name_mark); mark; mark = strstr(mark + 1, name_mark)) {
        const char *found = mark + strlen(name_mark);
        if (strncmp(found, name, length) == 0 && found[length] == '\n')
            return found;
    }
    return NULL;
}

static bool is_named(const struct stmt *stmt, const char *file, const char *name)
{
    size_t length = strlen(name);
    return strncmp(stmt->name, name, length) == 0 && stmt->name[length] == '\n' && strcmp(stmt->file, file) == 0;
}

static bool take_idle(struct db *db, const char *file, const char *name, struct stmt **stmt)
{
    for (struct stmt **link = &db->idle; *link; link = &(*link)->next)
        if (is_named(*link, file, name)) {
            *stmt = *link;
            *link = (*link)->next;
            db->idle_count--;
            return true;
        }
    return false;
}

void stmt_drop_idle(struct db *db)
{
    while (db->idle) {
        struct stmt *stmt = db->idle;
        db->idle = stmt->next;
        sqlite3_finalize(stmt->handle);
        free(stmt);
    }
    db->idle_count = 0;
}

int db_prepare(struct db *db, const char *file, const char *name, struct stmt **stmt, struct err *err)
{
    if (take_idle(db, file, name, stmt))
        return 0;
    const struct embed_file *embedded = embed_find(file);
    if (!embedded)
        BUG("no file '%s' is compiled in", file);
    const char *found = find_name(embedded->text, name);
    if (!found)
        BUG("no query '%s' in '%s'", name, file);
    const char *query = found + strlen(name) + 1, *end = strstr(query, name_mark);
    int code = prepare(db, query, end ? (size_t)(end - query) : strlen(query), stmt, err);
    if (!code) {
        (*stmt)->file = embedded->path;
        (*stmt)->name = found;
    }
    return code;
}

int db_run(struct db *db, const char *file, const char *name, struct err *err)
{
    struct stmt *stmt;
    int failed = db_prepare(db, file, name, &stmt, err);
    if (failed)
        return failed;
    failed = stmt_run(stmt, err);
    stmt_free(stmt);
    return failed;
}

void stmt_free(struct stmt *stmt)
{
    if (!stmt)
        return;
    struct db *db = stmt->db;
    if (stmt->name && db->idle_count < IDLE_MAX) {
        stmt_reset(stmt);
        stmt->next = db->idle;
        db->idle = stmt;
        db->idle_count++;
        return;
    }
    sqlite3_finalize(stmt->handle);
    free(stmt);
}

const char *db_identifier(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (length == 0 || length > 60 || text[length] || !islower((unsigned char)text[0]))
        BUG("not an identifier for SQL: '%s'", text);
    return text;
}

static void check_bound(struct stmt *stmt, int result)
{
    if (result == SQLITE_NOMEM)
        mem_fail();
    if (result != SQLITE_OK)
        BUG("cannot bind: %s in: %s", sqlite3_errstr(result), sqlite3_sql(stmt->handle));
}

static int index_of(struct stmt *stmt, const char *name)
{
    int index = sqlite3_bind_parameter_index(stmt->handle, name);
    if (index == 0)
        BUG("no parameter '%s' in: %s", name, sqlite3_sql(stmt->handle));
    return index;
}

void stmt_set_integer(struct stmt *stmt, int index, int64_t value)
{
    check_bound(stmt, sqlite3_bind_int64(stmt->handle, index, value));
}

void stmt_set_real(struct stmt *stmt, int index, double value)
{
    check_bound(stmt, sqlite3_bind_double(stmt->handle, index, value));
}

/* NULL would bind SQL's NULL; nothing of no length is an empty blob all the same. */
void stmt_set_blob(struct stmt *stmt, int index, const void *data, size_t length)
{
    check_bound(stmt, sqlite3_bind_blob64(stmt->handle, index, data ? data : "", length, SQLITE_STATIC));
}

void stmt_set_text(struct stmt *stmt, int index, const char *text, size_t length)
{
    check_bound(stmt, sqlite3_bind_text64(stmt->handle, index, text ? text : "", length, SQLITE_STATIC, SQLITE_UTF8));
}

void stmt_set_null(struct stmt *stmt, int index)
{
    check_bound(stmt, sqlite3_bind_null(stmt->handle, index));
}

void stmt_bind_integer(struct stmt *stmt, const char *name, int64_t value)
{
    stmt_set_integer(stmt, index_of(stmt, name), value);
}

void stmt_bind_real(struct stmt *stmt, const char *name, double value)
{
    stmt_set_real(stmt, index_of(stmt, name), value);
}

void stmt_bind_text(struct stmt *stmt, const char *name, const char *text, size_t length)
{
    stmt_set_text(stmt, index_of(stmt, name), text, length);
}

void stmt_bind_string(struct stmt *stmt, const char *name, const char *text)
{
    if (text)
        stmt_bind_text(stmt, name, text, strlen(text));
    else
        stmt_bind_null(stmt, name);
}

void stmt_bind_blob(struct stmt *stmt, const char *name, const void *data, size_t length)
{
    stmt_set_blob(stmt, index_of(stmt, name), data, length);
}

void stmt_bind_null(struct stmt *stmt, const char *name)
{
    stmt_set_null(stmt, index_of(stmt, name));
}

int stmt_step(struct stmt *stmt, struct err *err)
{
    int result = sqlite3_step(stmt->handle);
    if (result == SQLITE_ROW)
        return 1;
    int code = result == SQLITE_DONE ? 0 : db_error(stmt->db, result, err);
    sqlite3_reset(stmt->handle);
    return code;
}

int stmt_run(struct stmt *stmt, struct err *err)
{
    int step;
    while ((step = stmt_step(stmt, err)) > 0)
        ;
    sqlite3_clear_bindings(stmt->handle);
    return step;
}

void stmt_reset(struct stmt *stmt)
{
    sqlite3_reset(stmt->handle);
    sqlite3_clear_bindings(stmt->handle);
}

bool stmt_is_null(struct stmt *stmt, int column)
{
    return sqlite3_column_type(stmt->handle, column) == SQLITE_NULL;
}

int64_t stmt_integer(struct stmt *stmt, int column)
{
    return sqlite3_column_int64(stmt->handle, column);
}

double stmt_real(struct stmt *stmt, int column)
{
    return sqlite3_column_double(stmt->handle, column);
}

const char *stmt_text(struct stmt *stmt, int column, size_t *length)
{
    const char *text = (const char *)sqlite3_column_text(stmt->handle, column);
    if (length)
        *length = (size_t)sqlite3_column_bytes(stmt->handle, column);
    return text ? text : "";
}

const void *stmt_blob(struct stmt *stmt, int column, size_t *length)
{
    const void *data = sqlite3_column_blob(stmt->handle, column);
    if (length)
        *length = (size_t)sqlite3_column_bytes(stmt->handle, column);
    return data ? data : "";
}
