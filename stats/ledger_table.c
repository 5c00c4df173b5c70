#include "stats/ledger_table.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/release_build.h"

enum { DOUBLE_DIGITS = 17 }; /* enough for every double to come back as itself */

static void dump(json_t *json, struct strbuf *out)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(DOUBLE_DIGITS));
    if (!text)
        mem_fail();
    strbuf_clear(out);
    strbuf_adds(out, text);
    free(text);
    json_decref(json);
}

void ledger_table_columns(const struct released_table *table, struct strbuf *json)
{
    json_t *list = json_array();
    for (size_t i = 0; i < released_column_count(table); i++) {
        const struct released_column *column = released_column(table, i);
        json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:i, s:s?, s:s?, s:s?, s:b, s:b, s:f, s:f}", "name", column->name, "type",
                                              (int)column->type, "role", (int)column->role, "decimals", column->decimals,
                                              "unit", column->unit, "title", column->title, "hierarchy", column->hierarchy,
                                              "open", (int)column->open, "bounded", (int)column->bounded, "minimum", column->minimum, "maximum", column->maximum));
    }
    dump(list, json);
}

static json_t *cell_json(const struct released_column *column, struct released_value value)
{
    if (!value.present)
        return json_null();
    switch (column->type) {
    case RELEASED_TEXT:
        return json_string(value.text);
    case RELEASED_INTEGER:
        return json_integer(value.integer);
    case RELEASED_DECIMAL:
        return json_real(value.decimal);
    }
    BUG("a released column has type %d", (int)column->type);
}

void ledger_table_cells(const struct released_table *table, size_t row, struct strbuf *json)
{
    json_t *list = json_array();
    for (size_t i = 0; i < released_column_count(table); i++)
        json_array_append_new(list, cell_json(released_column(table, i), released_value(table, row, i)));
    dump(list, json);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static struct released_column read_column(const json_t *entry)
{
    return (struct released_column) {
        .name = text_of(entry, "name"),
        .type = (enum released_type)json_integer_value(json_object_get(entry, "type")),
        .role = (enum released_role)json_integer_value(json_object_get(entry, "role")),
        .decimals = (int)json_integer_value(json_object_get(entry, "decimals")),
        .unit = text_of(entry, "unit"),
        .title = text_of(entry, "title"),
        .hierarchy = text_of(entry, "hierarchy"),
        .open = json_is_true(json_object_get(entry, "open")),
        .bounded = json_is_true(json_object_get(entry, "bounded")),
        .minimum = json_real_value(json_object_get(entry, "minimum")),
        .maximum = json_real_value(json_object_get(entry, "maximum")),
    };
}

int ledger_columns_read(struct ledger_columns *columns, const struct ledger_version *version, struct err *err)
{
    struct ledger_columns read = { .json = json_loads(version->columns, 0, NULL) };
    read.count = json_array_size(read.json);
    read.list = mem_zalloc(read.count + 1, sizeof *read.list);
    bool good = read.count > 0;
    for (size_t i = 0; i < read.count && good; i++) {
        struct released_column *column = &read.list[i];
        *column = read_column(json_array_get(read.json, i));
        good = column->name && column->type <= RELEASED_DECIMAL && column->role <= RELEASED_STATUS;
    }
    if (good) {
        *columns = read;
        return 0;
    }
    ledger_columns_release(&read);
    *columns = read;
    return err_set(err, ERR_DATA, "the ledger has no columns, or broken ones, for table '%s'", version->name);
}

void ledger_columns_release(struct ledger_columns *columns)
{
    json_decref(columns->json);
    free(columns->list);
    *columns = (struct ledger_columns) { 0 };
}

static bool read_value(const struct released_column *column, const json_t *cell, struct released_value *value)
{
    *value = (struct released_value) { .present = !json_is_null(cell) };
    if (!value->present)
        return true;
    value->text = json_string_value(cell);
    value->integer = json_integer_value(cell);
    value->decimal = json_real_value(cell);
    return column->type == RELEASED_TEXT ? json_is_string(cell) : column->type == RELEASED_INTEGER ? json_is_integer(cell) : json_is_real(cell);
}

bool ledger_cells_read(const struct ledger_columns *columns, const json_t *cells, struct released_value *values)
{
    bool good = json_array_size(cells) == columns->count;
    for (size_t i = 0; i < columns->count && good; i++)
        good = read_value(&columns->list[i], json_array_get(cells, i), &values[i]);
    return good;
}

/* A table on its way from the ledger into a release. */
struct reading {
    struct release *release;
    struct released_table *table; /* made with the first row */
    const struct ledger_version *version;
    const char *name;
    struct ledger_columns columns;
    struct released_value *values;
};

static void begin_table(struct reading *reading)
{
    struct released_build build = { .folder = "tables", .name = reading->name, .title = reading->version->title,
                                    .source = reading->version->source,
                                    .version = reading->version->version, .columns = reading->columns.list,
                                    .column_count = reading->columns.count };
    if (!reading->table)
        reading->table = release_add_table(reading->release, &build);
}

static int visit_row(void *context, const struct ledger_row *row, struct err *err)
{
    struct reading *reading = context;
    json_t *cells = json_loads(row->cells, 0, NULL);
    bool good = ledger_cells_read(&reading->columns, cells, reading->values);
    if (good) {
        begin_table(reading);
        release_add_row(reading->release, reading->table, reading->values);
    }
    json_decref(cells);
    return good ? 0 : err_set(err, ERR_DATA, "the ledger has a broken row for table '%s'", reading->version->name);
}

int ledger_table_add(struct release *release, struct ledger *ledger, const struct ledger_version *version, int64_t id,
                     const char *name, struct err *err)
{
    struct reading reading = { .release = release, .version = version, .name = name };
    int code = ledger_columns_read(&reading.columns, version, err);
    if (code)
        return code;
    reading.values = mem_zalloc(reading.columns.count, sizeof *reading.values);
    code = ledger_each_row(ledger, version->id, id, visit_row, &reading, err);
    free(reading.values);
    ledger_columns_release(&reading.columns);
    return code;
}
