#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/ledger_inside.h"


static int open_mode(struct ledger **ledger, const char *path, enum db_mode mode, struct err *err)
{
    struct ledger *made = mem_zalloc(1, sizeof *made);
    int code = db_open(&made->db, path, "releases", mode, err);
    if (!code)
        code = db_prepare(made->db, QUERIES, "add_row", &made->add_row, err);
    if (code) {
        ledger_close(made);
        return code;
    }
    *ledger = made;
    return 0;
}

int ledger_open(struct ledger **ledger, const char *path, struct err *err)
{
    return open_mode(ledger, path, DB_CREATE, err);
}

int ledger_open_read(struct ledger **ledger, const char *path, struct err *err)
{
    return open_mode(ledger, path, DB_READ, err);
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    stmt_free(ledger->add_row);
    db_close(ledger->db);
    free(ledger);
}

static int find_version(struct ledger *ledger, struct ledger_version *version, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "find_version", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":name", version->name);
    stmt_bind_blob(stmt, ":definition", version->definition, sizeof version->definition);
    code = stmt_step(stmt, err);
    if (code == 1) {
        version->id = stmt_integer(stmt, 0);
        version->version = stmt_integer(stmt, 1);
    }
    stmt_free(stmt);
    return code;
}

static int add_version(struct ledger *ledger, struct ledger_version *version, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "add_version", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":name", version->name);
    stmt_bind_string(stmt, ":source", version->source);
    stmt_bind_string(stmt, ":unit", version->period_unit);
    stmt_bind_blob(stmt, ":definition", version->definition, sizeof version->definition);
    stmt_bind_string(stmt, ":title", version->title);
    stmt_bind_string(stmt, ":columns", version->columns);
    stmt_bind_string(stmt, ":dimensions", version->dimensions);
    code = stmt_step(stmt, err);
    if (code == 1) {
        version->id = stmt_integer(stmt, 0);
        version->version = stmt_integer(stmt, 1);
    }
    stmt_free(stmt);
    return code < 0 ? code : 0;
}

int ledger_version_get(struct ledger *ledger, struct ledger_version *version, struct err *err)
{
    int found = find_version(ledger, version, err);
    if (found)
        return found < 0 ? found : 0;
    return add_version(ledger, version, err);
}

int ledger_begin(struct ledger *ledger, struct ledger_release *release, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_begin(ledger->db, err);
    if (!code)
        code = db_prepare(ledger->db, QUERIES, "add_release", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":name", release->name);
    stmt_bind_integer(stmt, ":as_of", release->as_of);
    stmt_bind_string(stmt, ":program", release->program);
    stmt_bind_string(stmt, ":config_digest", release->config_digest);
    stmt_bind_integer(stmt, ":k", release->k);
    stmt_bind_string(stmt, ":origin", release->imported ? "import" : "publish");
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    if (!code)
        ledger->release = release->id = db_last_id(ledger->db);
    return code;
}

int ledger_add_row(struct ledger *ledger, int64_t version, int64_t period, int64_t row, const char *cells,
                   struct err *err)
{
    BUG_ON(!ledger->release);
    stmt_bind_integer(ledger->add_row, ":version", version);
    stmt_bind_integer(ledger->add_row, ":period", period);
    stmt_bind_integer(ledger->add_row, ":row", row);
    stmt_bind_string(ledger->add_row, ":cells", cells);
    return stmt_run(ledger->add_row, err);
}

int ledger_add_period(struct ledger *ledger, int64_t version, int64_t period, struct err *err)
{
    BUG_ON(!ledger->release);
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "add_period", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":version", version);
    stmt_bind_integer(stmt, ":period", period);
    stmt_bind_integer(stmt, ":release", ledger->release);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int ledger_add_unfit(struct ledger *ledger, const char *table, int64_t period, struct err *err)
{
    BUG_ON(!ledger->release);
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "add_unfit", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":name", table);
    stmt_bind_integer(stmt, ":period", period);
    stmt_bind_integer(stmt, ":release", ledger->release);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int ledger_freeze(struct ledger *ledger, const char *source, const char *unit, int64_t period, struct err *err)
{
    BUG_ON(!ledger->release);
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "freeze", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":source", source);
    stmt_bind_string(stmt, ":unit", unit);
    stmt_bind_integer(stmt, ":period", period);
    stmt_bind_integer(stmt, ":release", ledger->release);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int ledger_add_lost(struct ledger *ledger, int64_t version, int64_t period, const char *cell, bool *is_new,
                    struct err *err)
{
    BUG_ON(!ledger->release);
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "add_lost", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":version", version);
    stmt_bind_integer(stmt, ":period", period);
    stmt_bind_string(stmt, ":cell", cell);
    stmt_bind_integer(stmt, ":release", ledger->release);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    if (!code)
        *is_new = db_changes(ledger->db) > 0;
    return code;
}

int ledger_stage(struct ledger *ledger, struct err *err)
{
    BUG_ON(!ledger->release);
    int code = db_commit(ledger->db, err);
    if (!code)
        ledger->release = 0;
    return code;
}

void ledger_abandon(struct ledger *ledger)
{
    db_rollback(ledger->db);
    ledger->release = 0;
}

int ledger_mark_published(struct ledger *ledger, int64_t release, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "mark_published", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":release", release);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

/* 1: found, with its id; an error for a release that is unknown or already withdrawn. */
static int find_shown(struct ledger *ledger, const char *name, int64_t *release, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "find_release", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":name", name);
    code = stmt_step(stmt, err);
    if (code == 0)
        code = err_set(err, ERR_NOINPUT, "no release '%s'", name);
    else if (code == 1 && strcmp(stmt_text(stmt, 1, NULL), "withdrawn") == 0)
        code = err_set(err, ERR_USAGE, "release '%s' is withdrawn already", name);
    else if (code == 1)
        *release = stmt_integer(stmt, 0);
    stmt_free(stmt);
    return code;
}

int ledger_withdraw(struct ledger *ledger, const char *name, const char *because, int64_t now, struct err *err)
{
    int64_t release = 0;
    struct stmt *stmt = NULL;
    int code = find_shown(ledger, name, &release, err);
    if (code == 1)
        code = db_prepare(ledger->db, QUERIES, "withdraw", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":release", release);
    stmt_bind_integer(stmt, ":now", now);
    stmt_bind_string(stmt, ":because", because);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int ledger_sign_gap(struct ledger *ledger, const char *source, int64_t period, const char *who, int64_t now,
                    struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "sign_gap", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":source", source);
    stmt_bind_integer(stmt, ":period", period);
    stmt_bind_integer(stmt, ":now", now);
    stmt_bind_string(stmt, ":who", who);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

/* What the query, which takes :name and :period, gives; 0 if that is no row. */
static int exists(struct ledger *ledger, const char *query, const char *name, int64_t period, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, query, &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":name", name);
    stmt_bind_integer(stmt, ":period", period);
    code = stmt_step(stmt, err);
    if (code == 1)
        code = (int)stmt_integer(stmt, 0);
    stmt_free(stmt);
    return code;
}

int ledger_has_period(struct ledger *ledger, const char *table, int64_t period, struct err *err)
{
    return exists(ledger, "has_period", table, period, err);
}

int ledger_is_frozen(struct ledger *ledger, const char *source, int64_t period, struct err *err)
{
    return exists(ledger, "is_frozen", source, period, err);
}

int ledger_has_signed_gap(struct ledger *ledger, const char *source, int64_t period, struct err *err)
{
    return exists(ledger, "has_signed_gap", source, period, err);
}
