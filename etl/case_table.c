#include "etl/case_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/case_table_rows.h"
#include "etl/known_kinds.h"
#include "etl/label_use.h"

bool case_table_has_column(const struct source_dimension *dimension)
{
    return dimension->kind != DIMENSION_PERIOD;
}

void case_table_kind_name(const struct source_identifier *identifier, struct strbuf *out)
{
    strbuf_clear(out);
    if (identifier->kind == IDENTIFIER_ID)
        strbuf_addf(out, "id:%s", identifier->name);
    else
        strbuf_adds(out, identifier->kind == IDENTIFIER_EMAIL ? "email" : "phone");
}

static void add_codes(struct strbuf *sql, const struct case_table *table)
{
    for (size_t i = 0; i < table->code_column_count; i++)
        strbuf_addf(sql, ", %s", db_identifier(table->code_columns[i]));
}

int case_table_prepare(const struct store *store, const struct case_table *table, const char *text,
                       struct stmt **stmt, struct err *err)
{
    static const char name[] = "{table}", codes[] = "{codes}";
    struct strbuf sql = { 0 };
    for (const char *found; (found = strchr(text, '{')); text = found + strlen(name)) {
        strbuf_add(&sql, text, (size_t)(found - text));
        if (strncmp(found, name, strlen(name)) == 0)
            strbuf_adds(&sql, db_identifier(table->name));
        else
            add_codes(&sql, table);
        BUG_ON(strncmp(found, name, strlen(name)) != 0 && strncmp(found, codes, strlen(codes)) != 0);
    }
    strbuf_adds(&sql, text);
    int code = db_prepare_text(store->db, strbuf_text(&sql), stmt, err);
    strbuf_release(&sql);
    return code;
}

static int run_on_table(const struct store *store, const struct case_table *table, const char *text, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_prepare(store, table, text, &stmt, err);
    if (code)
        return code;
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int make_table(const struct store *store, const struct case_table *table, struct err *err)
{
    return run_on_table(store, table,
                      "CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY, case_key BLOB NOT NULL,"
                      " file INTEGER NOT NULL, closed_day INTEGER NOT NULL, opened_day INTEGER,"
                      " held INTEGER NOT NULL DEFAULT 0, released INTEGER) STRICT",
                      err);
}

/* There is none of closed_day: to keep one up to date takes longer than to read all cases once a night. */
static int make_index(const struct store *store, const struct case_table *table, struct err *err)
{
    return run_on_table(store, table, "CREATE INDEX IF NOT EXISTS {table}_held ON {table} (id) WHERE held = 1", err);
}

struct names {
    char **list;
    size_t count, capacity;
};

static void names_add(struct names *names, const char *prefix, const char *name)
{
    struct strbuf text = { 0 };
    strbuf_addf(&text, "%s%s", prefix, name);
    MEM_GROW(names->list, names->count, names->capacity);
    names->list[names->count++] = text.text;
}

static void names_release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
    *names = (struct names){ 0 };
}

static bool names_have(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i], name) == 0)
            return true;
    return false;
}

static bool is_variable(const char *column)
{
    return (column[0] == 'i' || column[0] == 'd' || column[0] == 'm') && column[1] == '_';
}

/* The i_, d_ and m_ columns that the table has. */
static int list_columns(const struct store *store, const struct case_table *table, struct names *names, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_query(store, "columns", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":table", table->name);
    while ((code = stmt_step(stmt, err)) > 0)
        if (is_variable(stmt_text(stmt, 0, NULL)))
            names_add(names, "", stmt_text(stmt, 0, NULL));
    stmt_free(stmt);
    return code;
}

static void wanted_columns(const struct source *source, struct names *names)
{
    for (size_t i = 0; i < source->identifier_count; i++)
        names_add(names, "i_", source->identifiers[i].name);
    for (size_t i = 0; i < source->dimension_count; i++)
        if (case_table_has_column(&source->dimensions[i]))
            names_add(names, "d_", source->dimensions[i].name);
    for (size_t i = 0; i < source->measure_count; i++)
        names_add(names, "m_", source->measures[i].name);
}

static int alter(const struct store *store, const struct case_table *table, const char *verb, const char *column,
                 struct err *err)
{
    struct strbuf sql = { 0 };
    strbuf_addf(&sql, "ALTER TABLE {table} %s COLUMN %s", verb, db_identifier(column));
    if (strcmp(verb, "ADD") == 0)
        strbuf_adds(&sql, " INTEGER");
    int code = run_on_table(store, table, sql.text, err);
    strbuf_release(&sql);
    return code;
}

/* Alters the table for every column of `of` that `in` does not have. */
static int alter_missing(const struct store *store, const struct case_table *table, const char *verb,
                         const struct names *const sets[2], struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < sets[0]->count && !code; i++)
        if (!names_have(sets[1], sets[0]->list[i]))
            code = alter(store, table, verb, sets[0]->list[i], err);
    return code;
}

static int sync_columns(const struct store *store, const struct case_table *table, struct err *err)
{
    struct names has = { 0 }, wanted = { 0 };
    wanted_columns(table->source, &wanted);
    int code = list_columns(store, table, &has, err);
    if (!code)
        code = alter_missing(store, table, "DROP", (const struct names *const[]){ &has, &wanted }, err);
    if (!code)
        code = alter_missing(store, table, "ADD", (const struct names *const[]){ &wanted, &has }, err);
    names_release(&has);
    names_release(&wanted);
    return code;
}

int case_table_blank_dimension(const struct store *store, const struct case_table *table, const char *name,
                               struct err *err)
{
    struct names columns = { 0 };
    int code = list_columns(store, table, &columns, err);
    struct strbuf column = { 0 }, sql = { 0 };
    strbuf_addf(&column, "d_%s", name);
    strbuf_addf(&sql, "UPDATE {table} SET %s = NULL", db_identifier(column.text));
    if (!code && names_have(&columns, column.text))
        code = run_on_table(store, table, sql.text, err);
    strbuf_release(&column);
    strbuf_release(&sql);
    names_release(&columns);
    return code;
}

static int sync_source(const struct store *store, struct case_table *table, struct err *err)
{
    table->dimensions = mem_zalloc(table->source->dimension_count, sizeof *table->dimensions);
    table->kinds = mem_zalloc(table->source->identifier_count, sizeof *table->kinds);
    int code = make_table(store, table, err);
    if (!code)
        code = make_index(store, table, err);
    if (!code)
        code = case_table_sync_dimensions(store, table, err);
    if (!code)
        code = case_table_sync_measures(store, table, err);
    if (!code)
        code = case_table_sync_kinds(store, table, err);
    return code ? code : sync_columns(store, table, err);
}

static void add_table(struct case_tables *tables, int64_t number, const char *source_name)
{
    struct strbuf name = { 0 };
    strbuf_addf(&name, "case_%s", source_name);
    tables->list = mem_resize(tables->list, tables->count + 1, sizeof *tables->list);
    tables->list[tables->count++] = (struct case_table){ .number = number, .name = name.text };
}

static int load_tables(struct case_tables *tables, const struct store *store, const struct sources *sources,
                       struct err *err)
{
    struct stmt *stmt;
    int code = case_table_query(store, "sources", &stmt, err);
    if (code)
        return code;
    while ((code = stmt_step(stmt, err)) > 0) {
        add_table(tables, stmt_integer(stmt, 0), stmt_text(stmt, 1, NULL));
        tables->list[tables->count - 1].source = source_find(sources, stmt_text(stmt, 1, NULL));
    }
    stmt_free(stmt);
    return code;
}

static int load_columns(const struct store *store, struct case_table *table, struct err *err)
{
    struct names columns = { 0 };
    int code = list_columns(store, table, &columns, err);
    table->identifier_columns = mem_zalloc(columns.count, sizeof *table->identifier_columns);
    table->code_columns = mem_zalloc(columns.count, sizeof *table->code_columns);
    for (size_t i = 0; i < columns.count; i++)
        if (columns.list[i][0] == 'i')
            table->identifier_columns[table->identifier_column_count++] = mem_strdup(columns.list[i]);
        else if (columns.list[i][0] == 'd')
            table->code_columns[table->code_column_count++] = mem_strdup(columns.list[i]);
    names_release(&columns);
    return code;
}

static int sync_all(struct case_tables *tables, const struct store *store, const struct sources *sources,
                    struct err *err)
{
    int code = case_table_sync_sources(store, sources, err);
    if (!code)
        code = load_tables(tables, store, sources, err);
    for (size_t i = 0; i < tables->count && !code; i++) {
        if (tables->list[i].source)
            code = sync_source(store, &tables->list[i], err);
        if (!code)
            code = load_columns(store, &tables->list[i], err);
        if (!code)
            code = label_use_count(store, &tables->list[i], err);
    }
    if (!code)
        code = known_kinds_note(store, tables, err);
    return code ? code : label_use_settle(store, &(uint64_t){ 0 }, err);
}

int case_tables_sync(struct case_tables *tables, const struct store *store, const struct sources *sources,
                     struct err *err)
{
    struct case_tables synced = { 0 };
    int code = db_begin(store->db, err);
    if (!code)
        code = sync_all(&synced, store, sources, err);
    if (!code)
        code = db_commit(store->db, err);
    if (code) {
        db_rollback(store->db);
        case_tables_release(&synced);
        return code;
    }
    *tables = synced;
    return 0;
}

void case_tables_release(struct case_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++) {
        struct case_table *table = &tables->list[i];
        for (size_t c = 0; c < table->identifier_column_count; c++)
            free(table->identifier_columns[c]);
        for (size_t c = 0; c < table->code_column_count; c++)
            free(table->code_columns[c]);
        free(table->identifier_columns);
        free(table->code_columns);
        free(table->dimensions);
        free(table->kinds);
        free(table->name);
    }
    free(tables->list);
    *tables = (struct case_tables){ 0 };
}

const struct case_table *case_tables_find(const struct case_tables *tables, const struct source *source)
{
    for (size_t i = 0; i < tables->count; i++)
        if (tables->list[i].source == source)
            return &tables->list[i];
    BUG("source '%s' has no table", source->name);
}
