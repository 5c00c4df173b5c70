#include <string.h>

#include "stats/ledger_inside.h"

int ledger_each_release(struct ledger *ledger, int (*visit)(void *context, const struct ledger_listed *listed, struct err *err),
                        void *context, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "releases", &stmt, err);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        struct ledger_listed listed = {
            { stmt_integer(stmt, 0), stmt_text(stmt, 1, NULL), stmt_integer(stmt, 2), stmt_text(stmt, 3, NULL),
              stmt_text(stmt, 4, NULL), stmt_integer(stmt, 5), stmt_integer(stmt, 7) != 0 },
            stmt_text(stmt, 6, NULL),
        };
        code = visit(context, &listed, err);
    }
    stmt_free(stmt);
    return code;
}

typedef int row_visitor(void *context, const struct ledger_row *row, struct err *err);

/* Ends the statement. */
static int visit_rows(struct stmt *stmt, row_visitor *visit, void *context, struct err *err)
{
    int code = 0;
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        struct ledger_row row = { stmt_integer(stmt, 0), stmt_integer(stmt, 1), stmt_integer(stmt, 2),
                                  stmt_integer(stmt, 3), stmt_text(stmt, 4, NULL) };
        code = visit(context, &row, err);
    }
    stmt_free(stmt);
    return code;
}

int ledger_each_row(struct ledger *ledger, int64_t version, int64_t release, row_visitor *visit, void *context, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, release ? "rows_shown" : "rows_seen", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":version", version);
    if (release)
        stmt_bind_integer(stmt, ":release", release);
    return visit_rows(stmt, visit, context, err);
}

static void bind_span(struct stmt *stmt, const struct ledger_span *span)
{
    stmt_bind_string(stmt, ":source", span->source);
    stmt_bind_integer(stmt, ":from", span->from);
    stmt_bind_integer(stmt, ":to", span->to);
}

static struct ledger_version read_version(struct stmt *stmt)
{
    struct ledger_version version = { .id = stmt_integer(stmt, 0),
                                      .version = stmt_integer(stmt, 1),
                                      .name = stmt_text(stmt, 2, NULL),
                                      .source = stmt_text(stmt, 3, NULL),
                                      .period_unit = stmt_text(stmt, 4, NULL),
                                      .title = stmt_text(stmt, 6, NULL),
                                      .columns = stmt_text(stmt, 7, NULL),
                                      .dimensions = stmt_is_null(stmt, 8) ? NULL : stmt_text(stmt, 8, NULL) };
    size_t length;
    const void *definition = stmt_blob(stmt, 5, &length);
    memcpy(version.definition, definition, length < 32 ? length : 32);
    return version;
}

typedef int version_visitor(void *context, const struct ledger_version *version, struct err *err);

/* Ends the statement. */
static int visit_versions(struct stmt *stmt, version_visitor *visit, void *context, struct err *err)
{
    int code = 0;
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        struct ledger_version version = read_version(stmt);
        code = visit(context, &version, err);
    }
    stmt_free(stmt);
    return code;
}

int ledger_each_version(struct ledger *ledger, version_visitor *visit, void *context, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "versions", &stmt, err);
    return code ? code : visit_versions(stmt, visit, context, err);
}

int ledger_each_known(struct ledger *ledger, const struct ledger_span *span, version_visitor *visit, void *context, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "versions_known", &stmt, err);
    if (code)
        return code;
    bind_span(stmt, span);
    return visit_versions(stmt, visit, context, err);
}

int ledger_each_known_row(struct ledger *ledger, int64_t version, const struct ledger_span *span, row_visitor *visit, void *context,
                          struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "rows_known", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":version", version);
    stmt_bind_integer(stmt, ":from", span->from);
    stmt_bind_integer(stmt, ":to", span->to);
    return visit_rows(stmt, visit, context, err);
}

int ledger_ks(struct ledger *ledger, const struct ledger_span *span, int64_t *least, int64_t *greatest, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "ks", &stmt, err);
    if (code)
        return code;
    bind_span(stmt, span);
    code = stmt_step(stmt, err);
    if (code == 1) {
        *least = stmt_integer(stmt, 0);
        *greatest = stmt_integer(stmt, 1);
    }
    stmt_free(stmt);
    return code < 0 ? code : 0;
}

int ledger_each_kind(struct ledger *ledger, const struct ledger_span *span,
                     int (*visit)(void *context, const struct ledger_kind *kind, struct err *err), void *context, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "kinds", &stmt, err);
    if (code)
        return code;
    bind_span(stmt, span);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        struct ledger_kind kind = { stmt_text(stmt, 0, NULL), stmt_integer(stmt, 1) != 0, stmt_integer(stmt, 2) != 0 };
        code = visit(context, &kind, err);
    }
    stmt_free(stmt);
    return code;
}

static int visit_frozen(struct stmt *stmt, int (*visit)(void *context, const struct ledger_frozen *frozen, struct err *err), void *context,
                        struct err *err)
{
    int code = 0;
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        struct ledger_frozen frozen = { stmt_text(stmt, 0, NULL), stmt_text(stmt, 1, NULL), stmt_integer(stmt, 2), stmt_integer(stmt, 3) };
        code = visit(context, &frozen, err);
    }
    stmt_free(stmt);
    return code;
}

int ledger_each_frozen(struct ledger *ledger, int64_t release,
                       int (*visit)(void *context, const struct ledger_frozen *frozen, struct err *err), void *context,
                       struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "frozen", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":release", release);
    return visit_frozen(stmt, visit, context, err);
}

int ledger_each_frozen_of(struct ledger *ledger, const char *source,
                          int (*visit)(void *context, const struct ledger_frozen *frozen, struct err *err), void *context,
                          struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "frozen_of", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":source", source);
    return visit_frozen(stmt, visit, context, err);
}

int ledger_each_taken(struct ledger *ledger, int (*visit)(void *context, const struct ledger_frozen *frozen, struct err *err), void *context,
                      struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(ledger->db, QUERIES, "taken", &stmt, err);
    return code ? code : visit_frozen(stmt, visit, context, err);
}
