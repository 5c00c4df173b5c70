#include "etl/known_kinds.h"

#include <string.h>

static const char queries[] = "etl/sql/known_kinds.sql";

/* "id:customer" is written as the name that it had, an address or number as what it is. */
static const char *written(const char *kind)
{
    static const char prefix[] = "id:";
    return strncmp(kind, prefix, sizeof prefix - 1) == 0 ? kind + sizeof prefix - 1 : kind;
}

static bool has_kind(const struct source *source, const char *kind)
{
    struct strbuf name = { 0 };
    bool found = false;
    for (size_t i = 0; i < source->identifier_count && !found; i++) {
        case_table_kind_name(&source->identifiers[i], &name);
        found = strcmp(strbuf_text(&name), kind) == 0;
    }
    for (size_t i = 0; i < source->retired_count && !found; i++)
        found = strcmp(source->retired[i], written(kind)) == 0;
    strbuf_release(&name);
    return found;
}

/* NULL, or the source to blame. */
static const struct source *lost_by(const struct sources *sources, const char *name, const char *kind)
{
    const struct source *source = source_find(sources, name);
    if (source)
        return has_kind(source, kind) ? NULL : source;
    for (size_t i = 0; i < sources->count; i++)
        if (has_kind(&sources->list[i], kind))
            return NULL;
    return sources->count ? &sources->list[0] : NULL;
}

static void judge(const struct sources *sources, struct config *config, const char *name, const char *kind)
{
    const struct source *source = lost_by(sources, name, kind);
    const struct config_node *identifiers = source ? config_get(source->node, "identifiers") : NULL;
    if (source)
        config_problem_key(config, identifiers ? identifiers : source->node,
                           "the identifier '%.80s' of source '%.80s' is gone, by which persons are known: who objected by it would not be "
                           "recognised; give it its old name and kind again (only its 'column' may change), or, if no file has it any "
                           "more, add it to 'retired_identifiers'",
                           written(kind), name);
}

int known_kinds_check(struct db *cases, const struct sources *sources, struct config *config, struct err *err)
{
    struct stmt *stmt;
    int step, code = db_prepare(cases, queries, "known", &stmt, err);
    if (code)
        return code;
    while ((step = stmt_step(stmt, err)) > 0)
        judge(sources, config, stmt_text(stmt, 0, NULL), stmt_text(stmt, 1, NULL));
    stmt_free(stmt);
    return step;
}

static int forget(const struct store *store, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, "forget", &stmt, err);
    if (code)
        return code;
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int known_kinds_note(const struct store *store, const struct case_tables *tables, struct err *err)
{
    struct stmt *stmt;
    int code = forget(store, err);
    if (!code)
        code = db_prepare(store->db, queries, "note", &stmt, err);
    if (code)
        return code;
    for (size_t t = 0; t < tables->count && !code; t++)
        for (size_t i = 0; tables->list[t].source && i < tables->list[t].source->identifier_count && !code; i++) {
            stmt_bind_integer(stmt, ":source", tables->list[t].number);
            stmt_bind_integer(stmt, ":kind", tables->list[t].kinds[i]);
            code = stmt_run(stmt, err);
        }
    stmt_free(stmt);
    return code;
}
