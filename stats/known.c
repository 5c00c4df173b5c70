#include "stats/known.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/period_span.h"
#include "stats/table_source.h"

/* ---- what a dimension was ---- */

static int add_definition(struct db *cases, const char *source, const char *name, json_t *out, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(cases, "stats/sql/cases.sql", "definition", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":source", source);
    stmt_bind_string(stmt, ":name", name);
    code = stmt_step(stmt, err);
    if (code == 1)
        json_object_set_new(out, name, json_string(stmt_text(stmt, 0, NULL)));
    stmt_free(stmt);
    return code < 0 ? code : 0;
}

int known_dimensions(struct db *cases, const struct table_spec *spec, struct strbuf *json, struct err *err)
{
    json_t *object = json_object();
    int code = 0;
    for (size_t d = 1; d < spec->dimension_count && !code; d++)
        if (!spec->dimensions[d].is_period)
            code = add_definition(cases, spec->source, spec->dimensions[d].name, object, err);
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        mem_fail();
    strbuf_clear(json);
    strbuf_adds(json, text);
    free(text);
    json_decref(object);
    return code;
}

/* ---- from the ledger's columns to a table ---- */

struct loading {
    struct known *known;
    const struct known_request *request;
    const struct config_node *source;
    struct known_table *table; /* the one being read */
};

static void refuse(struct known *known, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void refuse(struct known *known, const char *format, ...)
{
    va_list args;
    if (known->problem.length)
        return; /* the first says enough */
    va_start(args, format);
    strbuf_addv(&known->problem, format, args);
    va_end(args);
}

static void add_dimensions(struct loading *loading)
{
    struct known_table *table = loading->table;
    struct table_dimension *list = arena_alloc(&loading->known->arena, (table->columns.count + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < table->columns.count && table->columns.list[i].role == RELEASED_DIMENSION; i++) {
        const char *name = table->columns.list[i].hierarchy;
        if (!name || (count && strcmp(list[count - 1].name, name) == 0))
            continue;
        const struct config_node *node = config_get(config_get(loading->source, "dimensions"), name);
        if (!node)
            refuse(loading->known, "dimension '%s' of table '%s' is not configured any more", name, table->spec.name);
        else
            table_source_dimension(loading->source, node, &loading->known->arena, &list[count++]);
    }
    table->spec.dimensions = list;
    table->spec.dimension_count = count;
}

static unsigned find_figures(const struct ledger_columns *columns, const char *measure)
{
    struct strbuf name = { 0 };
    unsigned figures = 0;
    for (size_t i = 0; i < columns->count; i++)
        for (enum table_figure f = 0; f < TABLE_FIGURES; f++) {
            strbuf_clear(&name);
            strbuf_addf(&name, "%s_%s", measure, table_figure_name(f));
            if (strcmp(columns->list[i].name, strbuf_text(&name)) == 0)
                figures |= 1u << f;
        }
    strbuf_release(&name);
    return figures;
}

/* The name of the measure whose status the column is. */
static const char *measure_of(struct loading *loading, const struct released_column *column)
{
    static const char suffix[] = "_status";
    size_t length = strlen(column->name), end = sizeof suffix - 1;
    if (column->role != RELEASED_STATUS || length <= end || strcmp(column->name + length - end, suffix) != 0)
        return NULL;
    return arena_strndup(&loading->known->arena, column->name, length - end);
}

static void add_measures(struct loading *loading)
{
    struct known_table *table = loading->table;
    const struct config_node *bases = config_get(config_root(loading->request->config), "protection.quantile_base");
    struct table_measure *list = arena_alloc(&loading->known->arena, (table->columns.count + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < table->columns.count; i++) {
        const char *name = measure_of(loading, &table->columns.list[i]);
        const struct config_node *node = name ? config_get(config_get(loading->source, "measures"), name) : NULL;
        if (name && !node)
            refuse(loading->known, "measure '%s' of table '%s' is not configured any more", name, table->spec.name);
        if (!node)
            continue;
        struct table_measure *measure = &list[count++];
        *measure = (struct table_measure){ .name = name, .figures = find_figures(&table->columns, name),
                                           .quantile_base = config_number(bases, name, 0) };
        measure->has_share = table_source_share(node, &measure->share_lowest, &measure->share_highest);
    }
    table->spec.measures = list;
    table->spec.measure_count = count;
}

/* The period must be what it was, and so must be what makes the values of the dimensions. */
static int check_definitions(struct loading *loading, const struct ledger_version *version, struct err *err)
{
    const struct table_spec *spec = &loading->table->spec;
    enum period_kind kind;
    if (!spec->dimension_count || !spec->dimensions[0].is_period || !period_kind_parse(version->period_unit, &kind) || spec->dimensions[0].kind != kind)
        refuse(loading->known, "table '%s' was published by another period", spec->name);
    if (!version->dimensions || loading->known->problem.length)
        return 0;
    struct strbuf today = { 0 };
    int code = known_dimensions(loading->request->cases, spec, &today, err);
    if (!code && strcmp(strbuf_text(&today), version->dimensions) != 0)
        refuse(loading->known, "a dimension of table '%s' has changed since it was published", spec->name);
    strbuf_release(&today);
    return code;
}

static int add_row(void *context, const struct ledger_row *row, struct err *err)
{
    struct known_table *table = context;
    json_t *cells = json_loads(row->cells, 0, NULL);
    if (json_array_size(cells) != table->columns.count) {
        json_decref(cells);
        return err_set(err, ERR_DATA, "the ledger has a broken row for table '%s'", table->spec.name);
    }
    MEM_GROW(table->rows, table->row_count, table->row_capacity);
    table->rows[table->row_count++] = cells;
    return 0;
}

static int add_table(void *context, const struct ledger_version *version, struct err *err)
{
    struct loading *loading = context;
    struct known *known = loading->known;
    MEM_GROW(known->tables, known->count, known->capacity);
    struct known_table *table = loading->table = &known->tables[known->count++];
    *table = (struct known_table){ .version = version->id };
    table->spec = (struct table_spec){ .name = arena_strdup(&known->arena, version->name), .source = loading->request->span.source,
                                       .margins = true };
    int code = ledger_columns_read(&table->columns, version, err);
    if (code)
        return code;
    table->spec.title = table->spec.name;
    add_dimensions(loading);
    add_measures(loading);
    code = check_definitions(loading, version, err);
    return code ? code : ledger_each_known_row(loading->request->ledger, version->id, &loading->request->span, add_row, table, err);
}

int known_load(struct known *known, const struct known_request *request, struct err *err)
{
    *known = (struct known){ 0 };
    arena_init(&known->arena, false);
    struct loading loading = { .known = known, .request = request };
    loading.source = config_get(config_get(config_root(request->config), "sources"), request->span.source);
    int code = ledger_each_known(request->ledger, &request->span, add_table, &loading, err);
    if (!code)
        code = ledger_ks(request->ledger, &request->span, &known->least_k, &known->k, err);
    if (code)
        known_release(known);
    return code;
}

void known_release(struct known *known)
{
    for (size_t t = 0; t < known->count; t++) {
        for (size_t r = 0; r < known->tables[t].row_count; r++)
            json_decref(known->tables[t].rows[r]);
        free(known->tables[t].rows);
        ledger_columns_release(&known->tables[t].columns);
    }
    free(known->tables);
    strbuf_release(&known->problem);
    arena_release(&known->arena);
    *known = (struct known){ 0 };
}

static bool row_has_label(const struct known_table *table, const json_t *cells, const char *dimension, const char *label)
{
    for (size_t i = 0; i < table->columns.count && table->columns.list[i].role == RELEASED_DIMENSION; i++) {
        const char *text = json_string_value(json_array_get(cells, i)), *of = table->columns.list[i].hierarchy;
        if (of && text && strcmp(of, dimension) == 0 && strcmp(text, label) == 0)
            return true;
    }
    return false;
}

bool known_has_label(const struct known *known, const char *dimension, const char *label)
{
    for (size_t t = 0; t < known->count; t++)
        for (size_t r = 0; r < known->tables[t].row_count; r++)
            if (row_has_label(&known->tables[t], known->tables[t].rows[r], dimension, label))
                return true;
    return false;
}
