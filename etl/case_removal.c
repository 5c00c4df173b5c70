#include "etl/case_removal.h"

#include <stdlib.h>

#include "core/mem.h"

struct table_statements {
    struct stmt *codes, *delete_case, *any; /* asked apart: RETURNING costs more than to look twice */
};

struct case_removal {
    const struct store *store;
    const struct case_tables *tables;
    struct label_use *labels;
    struct table_statements *of_table; /* as tables->list */
    struct stmt *delete_key, *bar_key, *check, *persons, *clear, *identifiers, *partners, *delete_link, *delete_links,
        *delete_identifiers, *delete_identifier;
};

static int prepare(struct case_removal *removal, struct err *err)
{
    const struct {
        const char *name;
        struct stmt **stmt;
    } wanted[] = {
        { "delete_key", &removal->delete_key },
        { "bar_key", &removal->bar_key },
        { "check", &removal->check },
        { "persons", &removal->persons },
        { "clear", &removal->clear },
        { "identifiers", &removal->identifiers },
        { "partners", &removal->partners },
        { "delete_link", &removal->delete_link },
        { "delete_links", &removal->delete_links },
        { "delete_identifiers", &removal->delete_identifiers },
        { "delete_identifier", &removal->delete_identifier },
    };
    int code = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !code; i++)
        code = db_prepare(removal->store->db, "etl/sql/case_removal.sql", wanted[i].name, wanted[i].stmt, err);
    for (size_t i = 0; i < removal->tables->count && !code; i++) {
        const struct case_table *table = &removal->tables->list[i];
        struct table_statements *of_table = &removal->of_table[i];
        code = case_table_prepare(removal->store, table, "SELECT id{codes} FROM {table} WHERE id = :id", &of_table->codes, err);
        if (!code)
            code = case_table_prepare(removal->store, table, "DELETE FROM {table} WHERE id = :id", &of_table->delete_case, err);
        if (!code)
            code = case_table_prepare(removal->store, table,
                                      "SELECT 1 FROM {table} WHERE id BETWEEN :first AND :last LIMIT 1", &of_table->any, err);
    }
    return code;
}

int case_removal_open(struct case_removal **removal, const struct store *store, const struct case_tables *tables,
                      struct label_use *labels, struct err *err)
{
    struct case_removal *opened = mem_zalloc(1, sizeof *opened);
    opened->store = store;
    opened->tables = tables;
    opened->labels = labels;
    opened->of_table = mem_zalloc(tables->count, sizeof *opened->of_table);
    int code = prepare(opened, err);
    if (code)
        case_removal_free(opened);
    else
        *removal = opened;
    return code;
}

void case_removal_free(struct case_removal *removal)
{
    if (!removal)
        return;
    struct stmt *statements[] = { removal->delete_key,  removal->bar_key,
                                  removal->check,       removal->persons,      removal->clear,
                                  removal->identifiers, removal->partners,     removal->delete_link,
                                  removal->delete_links, removal->delete_identifiers, removal->delete_identifier };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        stmt_free(statements[i]);
    for (size_t i = 0; i < removal->tables->count; i++) {
        stmt_free(removal->of_table[i].codes);
        stmt_free(removal->of_table[i].delete_case);
        stmt_free(removal->of_table[i].any);
    }
    free(removal->of_table);
    free(removal);
}

static int run_with(struct stmt *stmt, int64_t value, struct err *err)
{
    stmt_set_integer(stmt, 1, value);
    return stmt_run(stmt, err);
}

static int remove_key(struct case_removal *removal, const struct removed_case *gone, struct err *err)
{
    struct stmt *stmt = gone->bar ? removal->bar_key : removal->delete_key;
    stmt_bind_blob(stmt, ":case_key", gone->key, sizeof gone->key);
    if (gone->bar)
        stmt_bind_integer(stmt, ":expires", gone->expires_day);
    return stmt_run(stmt, err);
}

int case_removal_delete(struct case_removal *removal, const struct removed_case *gone, struct err *err)
{
    struct table_statements *of_table = &removal->of_table[gone->table - removal->tables->list];
    uint64_t cases;
    stmt_set_integer(of_table->codes, 1, gone->id);
    int code = label_use_lose(removal->labels, gone->table, of_table->codes, &cases, err);
    if (!code)
        code = run_with(of_table->delete_case, gone->id, err);
    if (!code)
        code = remove_key(removal, gone, err);
    if (!code && gone->id > 0)
        code = run_with(removal->check, gone->id >> STORE_PERSON_SHIFT, err);
    return code;
}

int case_removal_has_cases(struct case_removal *removal, int64_t person, bool *has, struct err *err)
{
    int step = 0;
    for (size_t i = 0; i < removal->tables->count && step == 0; i++) {
        struct stmt *any = removal->of_table[i].any;
        stmt_set_integer(any, 1, store_first_id(person));
        stmt_set_integer(any, 2, store_first_id(person) + STORE_MAX_CASES);
        step = stmt_step(any, err);
        stmt_reset(any);
    }
    *has = step > 0;
    return step < 0 ? step : 0;
}

/* The links of an identifier, also those that its partners have to it. */
static int forget_links(struct case_removal *removal, int64_t identifier, int64_t kind, struct err *err)
{
    int step, code = 0;
    stmt_set_integer(removal->partners, 1, identifier);
    while (!code && (step = stmt_step(removal->partners, err)) != 0) {
        if (step < 0)
            return step;
        stmt_bind_integer(removal->delete_link, ":identifier", stmt_integer(removal->partners, 0));
        stmt_bind_integer(removal->delete_link, ":kind", kind);
        stmt_bind_integer(removal->delete_link, ":partner", identifier);
        code = stmt_run(removal->delete_link, err);
    }
    stmt_reset(removal->partners);
    return code ? code : run_with(removal->delete_links, identifier, err);
}

int case_removal_identifier(struct case_removal *removal, const struct removed_identifier *gone, struct err *err)
{
    int code = forget_links(removal, gone->identifier, gone->kind, err);
    if (code)
        return code;
    stmt_set_blob(removal->delete_identifier, 1, gone->pseudonym, sizeof gone->pseudonym);
    return stmt_run(removal->delete_identifier, err);
}

static int forget(struct case_removal *removal, int64_t person, struct case_removal_counts *counts, struct err *err)
{
    int step, code = 0;
    stmt_set_integer(removal->identifiers, 1, person);
    while (!code && (step = stmt_step(removal->identifiers, err)) != 0) {
        if (step < 0)
            return step;
        counts->identifiers++;
        code = forget_links(removal, stmt_integer(removal->identifiers, 0), stmt_integer(removal->identifiers, 1), err);
    }
    stmt_reset(removal->identifiers);
    counts->persons++;
    return code ? code : run_with(removal->delete_identifiers, person, err);
}

int case_removal_persons(struct case_removal *removal, struct case_removal_counts *counts, struct err *err)
{
    int step, code = 0;
    while (!code && (step = stmt_step(removal->persons, err)) != 0) {
        bool has;
        if (step < 0)
            return step;
        int64_t person = stmt_integer(removal->persons, 0);
        code = case_removal_has_cases(removal, person, &has, err);
        if (!code && !has)
            code = forget(removal, person, counts, err);
    }
    stmt_reset(removal->persons);
    return code ? code : stmt_run(removal->clear, err);
}
