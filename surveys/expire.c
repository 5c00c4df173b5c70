#include "surveys/expire.h"

#define QUERIES "surveys/sql/expire.sql"

/* What the queries take. */
enum parameters { NONE = 0, NOW = 1, BEFORE = 2 };

struct part {
    const char *query;
    enum parameters parameters;
    int64_t *count; /* or NULL */
};

static int run_part(struct db *db, const struct part *part, int64_t now, int64_t before, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(db, QUERIES, part->query, &stmt, err);
    if (code)
        return code;
    if (part->parameters & NOW)
        stmt_bind_integer(stmt, ":now", now);
    if (part->parameters & BEFORE)
        stmt_bind_integer(stmt, ":before", before);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    if (!code && part->count)
        *part->count += db_changes(db);
    return code;
}

static int run_parts(struct db *db, const struct part *parts, int64_t now, int64_t before, struct err *err)
{
    int code = db_begin(db, err);
    if (code)
        return code;
    for (; parts->query && !code; parts++)
        code = run_part(db, parts, now, before, err);
    if (code) {
        db_rollback(db);
        return code;
    }
    return db_commit(db, err);
}

int invitations_expire(struct db *surveys, struct db *intake, int64_t now, int64_t made_before, struct expire_counts *counts,
                       struct err *err)
{
    const struct part links[] = { { "links", NOW | BEFORE, &counts->links }, { 0 } };
    const struct part others[] = {
        { "sendings", NOW | BEFORE, NULL },
        { "invitations", NOW | BEFORE, &counts->invitations },
        { "plans", BEFORE, &counts->plans },
        { "figures", BEFORE, NULL },
        { "identifiers", NONE, NULL },
        { "recipients", NONE, &counts->recipients },
        { 0 },
    };
    int code = intake ? run_parts(intake, links, now, made_before, err) : 0;
    return code ? code : run_parts(surveys, others, now, made_before, err);
}
