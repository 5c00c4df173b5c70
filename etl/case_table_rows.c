#include "etl/case_table_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

int case_table_query(const struct store *store, const char *name, struct stmt **stmt, struct err *err)
{
    return db_prepare(store->db, "etl/sql/case_table.sql", name, stmt, err);
}

/* A query with :dimension (or :measure) alone. */
static int run_with(const struct store *store, const char *query, const char *parameter, int64_t value, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_query(store, query, &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, parameter, value);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int case_table_sync_sources(const struct store *store, const struct sources *sources, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_query(store, "add_source", &stmt, err);
    if (code)
        return code;
    for (size_t i = 0; i < sources->count && !code; i++) {
        stmt_bind_string(stmt, ":name", sources->list[i].name);
        stmt_bind_integer(stmt, ":personal", sources->list[i].personal);
        stmt_bind_integer(stmt, ":per_case", sources->list[i].person == SOURCE_PERSON_NONE);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    return code;
}

static const char *kind_of(const struct source_dimension *dimension)
{
    static const char *const names[] = { "category", "band", "age", "period" };
    return names[dimension->kind];
}

static int64_t levels_of(const struct source_dimension *dimension)
{
    return dimension->level_count ? (int64_t)dimension->level_count : 1;
}

struct dimension_row {
    int64_t number; /* 0: there is none */
    bool same_values, same_definition, active;
};

static int find_dimension(const struct store *store, const struct case_table *table,
                          const struct source_dimension *dimension, struct dimension_row *row, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_query(store, "find_dimension", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":source", table->number);
    stmt_bind_string(stmt, ":name", dimension->name);
    code = stmt_step(stmt, err);
    if (code > 0) {
        size_t length;
        const void *definition = stmt_blob(stmt, 3, &length);
        row->number = stmt_integer(stmt, 0);
        row->same_values = strcmp(stmt_text(stmt, 1, NULL), kind_of(dimension)) == 0 &&
                           stmt_integer(stmt, 2) == levels_of(dimension);
        row->same_definition = length == sizeof dimension->definition &&
                               memcmp(definition, dimension->definition, length) == 0;
        row->active = stmt_integer(stmt, 4) != 0;
        code = 0;
    }
    stmt_free(stmt);
    return code;
}

static int write_dimension(const struct store *store, const struct case_table *table,
                           const struct source_dimension *dimension, int64_t number, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_query(store, number ? "change_dimension" : "add_dimension", &stmt, err);
    if (code)
        return code;
    if (number) {
        stmt_bind_integer(stmt, ":dimension", number);
    } else {
        stmt_bind_integer(stmt, ":source", table->number);
        stmt_bind_string(stmt, ":name", dimension->name);
    }
    stmt_bind_string(stmt, ":kind", kind_of(dimension));
    stmt_bind_integer(stmt, ":levels", levels_of(dimension));
    stmt_bind_blob(stmt, ":definition", dimension->definition, sizeof dimension->definition);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

/* Values of another depth or kind cannot stand beside the new ones: they go, also from the cases. */
static int drop_values(const struct store *store, const struct case_table *table, const char *name, int64_t number,
                       struct err *err)
{
    int code = case_table_blank_dimension(store, table, name, err);
    return code ? code : run_with(store, "clear_dimension", ":dimension", number, err);
}

static int sync_dimension(const struct store *store, const struct case_table *table,
                          const struct source_dimension *dimension, int64_t *number, struct err *err)
{
    struct dimension_row row = { 0 };
    int code = find_dimension(store, table, dimension, &row, err);
    if (code)
        return code;
    if (row.number && !row.same_values)
        code = drop_values(store, table, dimension->name, row.number, err);
    if (!code && !(row.number && row.same_values && row.same_definition && row.active))
        code = write_dimension(store, table, dimension, row.number, err);
    if (!code && row.number && !(row.same_values && row.same_definition))
        code = run_with(store, "note_change", ":dimension", row.number, err);
    if (!code)
        *number = row.number ? row.number : db_last_id(store->db);
    return code;
}

/* Runs `retire` for each row that `list` gives and whose number is not among the wanted ones. */
struct leftovers {
    const char *list, *retire, *parameter;
    const int64_t *wanted;
    size_t wanted_count;
};

static bool is_wanted(const struct leftovers *leftovers, int64_t number)
{
    for (size_t i = 0; i < leftovers->wanted_count; i++)
        if (leftovers->wanted[i] == number)
            return true;
    return false;
}

static int retire(const struct store *store, const struct case_table *table, const struct leftovers *leftovers,
                  struct err *err)
{
    struct stmt *stmt;
    int64_t *found = NULL;
    size_t count = 0, capacity = 0;
    int code = case_table_query(store, leftovers->list, &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":source", table->number);
    while ((code = stmt_step(stmt, err)) > 0) {
        MEM_GROW(found, count, capacity);
        if (!is_wanted(leftovers, stmt_integer(stmt, 0)))
            found[count++] = stmt_integer(stmt, 0);
    }
    stmt_free(stmt);
    for (size_t i = 0; i < count && !code; i++)
        code = run_with(store, leftovers->retire, leftovers->parameter, found[i], err);
    free(found);
    return code;
}

int case_table_sync_dimensions(const struct store *store, struct case_table *table, struct err *err)
{
    const struct source *source = table->source;
    int code = 0;
    for (size_t i = 0; i < source->dimension_count && !code; i++)
        code = sync_dimension(store, table, &source->dimensions[i], &table->dimensions[i], err);
    const struct leftovers values = { "dimensions", "clear_dimension", ":dimension", table->dimensions,
                                      source->dimension_count };
    const struct leftovers rows = { "dimensions", "retire_dimension", ":dimension", table->dimensions,
                                    source->dimension_count };
    if (!code)
        code = retire(store, table, &values, err);
    return code ? code : retire(store, table, &rows, err);
}

/* A value has no unit of its own: what is stored would be read in the new one. */
static int check_measure(const struct store *store, const struct case_table *table,
                         const struct source_measure *measure, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_query(store, "find_measure", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":source", table->number);
    stmt_bind_string(stmt, ":name", measure->name);
    code = stmt_step(stmt, err);
    if (code > 0) {
        const char *unit = measure->unit ? measure->unit : "";
        bool same = strcmp(stmt_text(stmt, 1, NULL), unit) == 0 && stmt_integer(stmt, 2) == measure->decimals;
        code = same ? 0
                    : err_set(err, ERR_CONFIG, "measure '%s' of source '%s' changed its unit or decimals, but values are "
                                               "stored; give it a new name", measure->name, table->source->name);
    }
    stmt_free(stmt);
    return code;
}

static void bind_optional(struct stmt *stmt, const char *name, bool present, int64_t value)
{
    if (present)
        stmt_bind_integer(stmt, name, value);
    else
        stmt_bind_null(stmt, name);
}

static int write_measure(struct stmt *stmt, const struct case_table *table, const struct source_measure *measure,
                         int64_t *number, struct err *err)
{
    stmt_bind_integer(stmt, ":source", table->number);
    stmt_bind_string(stmt, ":name", measure->name);
    if (measure->unit)
        stmt_bind_string(stmt, ":unit", measure->unit);
    stmt_bind_integer(stmt, ":decimals", measure->decimals);
    bind_optional(stmt, ":lowest", measure->has_range, measure->lowest);
    bind_optional(stmt, ":highest", measure->has_range, measure->highest);
    stmt_bind_integer(stmt, ":score", measure->is_score);
    int code = stmt_step(stmt, err);
    if (code > 0) {
        *number = stmt_integer(stmt, 0);
        code = stmt_run(stmt, err);
    }
    stmt_reset(stmt);
    return code;
}

int case_table_sync_measures(const struct store *store, const struct case_table *table, struct err *err)
{
    const struct source *source = table->source;
    struct stmt *stmt;
    int code = case_table_query(store, "write_measure", &stmt, err);
    if (code)
        return code;
    int64_t *numbers = mem_zalloc(source->measure_count, sizeof *numbers);
    for (size_t i = 0; i < source->measure_count && !code; i++) {
        code = check_measure(store, table, &source->measures[i], err);
        if (!code)
            code = write_measure(stmt, table, &source->measures[i], &numbers[i], err);
    }
    stmt_free(stmt);
    const struct leftovers rows = { "measures", "drop_measure", ":measure", numbers, source->measure_count };
    if (!code)
        code = retire(store, table, &rows, err);
    free(numbers);
    return code;
}

static int find_kind(const struct store *store, const char *name, int64_t *kind, struct err *err)
{
    struct stmt *add, *find;
    int code = case_table_query(store, "add_kind", &add, err);
    if (code)
        return code;
    stmt_bind_string(add, ":name", name);
    code = stmt_run(add, err);
    stmt_free(add);
    if (code || (code = case_table_query(store, "find_kind", &find, err)))
        return code;
    stmt_bind_string(find, ":name", name);
    code = stmt_step(find, err);
    BUG_ON(code == 0);
    if (code > 0)
        *kind = stmt_integer(find, 0);
    stmt_free(find);
    return code < 0 ? code : 0;
}

int case_table_sync_kinds(const struct store *store, struct case_table *table, struct err *err)
{
    struct strbuf name = { 0 };
    int code = 0;
    for (size_t i = 0; i < table->source->identifier_count && !code; i++) {
        case_table_kind_name(&table->source->identifiers[i], &name);
        code = find_kind(store, strbuf_text(&name), &table->kinds[i], err);
    }
    strbuf_release(&name);
    return code;
}
