#include "stats/history.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/csvread.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/ledger_table.h"
#include "stats/release_build.h"
#include "stats/table_source.h"

struct reading {
    struct history *history;
    const char *path, *name, *source;
    const struct config_node *node;   /* of the source */
    struct csvread *csv;
    struct arena arena;
    struct released_column *columns;
    size_t count;
    enum period_kind kind;
    struct release *release;          /* holds the table while it is read */
    struct released_table *table;
};

/* ---- whose cases ---- */

struct lookup {
    const char *name;
    char *source;
};

static int find_version_source(void *context, const struct ledger_version *version, struct err *err)
{
    struct lookup *lookup = context;
    (void)err;
    if (!lookup->source && strcmp(version->name, lookup->name) == 0)
        lookup->source = mem_strdup(version->source);
    return 0;
}

static int find_source(struct reading *reading, struct err *err)
{
    const struct publication *publication = reading->history->publication;
    const struct config_node *sources = config_get(config_root(publication->config), "sources");
    const char *name = reading->history->source;
    struct lookup lookup = { .name = reading->name };
    for (size_t t = 0; t < publication->tables->count && !name; t++)
        if (strcmp(publication->tables->tables[t].name, reading->name) == 0)
            name = publication->tables->tables[t].source;
    int code = ledger_each_version(publication->ledger, find_version_source, &lookup, err);
    if (!name)
        name = lookup.source;
    if (!name && sources && sources->count == 1)
        name = sources->children->key;
    reading->node = name ? config_get(sources, name) : NULL;
    reading->source = reading->node ? reading->node->key : NULL;
    free(lookup.source);
    if (!code && !reading->node)
        code = err_set(err, ERR_USAGE, "'%s': no such source, or it is not clear which one's cases are counted; say '--source NAME'", reading->path);
    return code;
}

/* ---- columns ---- */

static const char *header(const struct reading *reading, size_t column)
{
    return csvread_header(reading->csv)->fields[column].text;
}

/* Is it a column of the dimension: a level's name, or the dimension's own, numbered where it has several levels? */
static bool is_level(const struct table_dimension *dimension, const char *column)
{
    size_t length = strlen(dimension->name);
    for (size_t level = 0; level < dimension->level_count; level++)
        if (strcmp(dimension->level_names[level], column) == 0)
            return true;
    if (dimension->level_count || strncmp(column, dimension->name, length) != 0)
        return false;
    const char *rest = column + length;
    return !*rest || (*rest == '_' && rest[1] && !rest[1 + strspn(rest + 1, "0123456789")]);
}

static int plan_dimension(struct reading *reading, size_t column, struct err *err)
{
    CONFIG_EACH(node, config_get(reading->node, "dimensions")) {
        struct table_dimension dimension;
        table_source_dimension(reading->node, node, &reading->arena, &dimension);
        if (!is_level(&dimension, header(reading, column)) || dimension.is_period != (column == 0) || dimension.of_opened)
            continue;
        if (column == 0)
            reading->kind = dimension.kind;
        reading->columns[column] = (struct released_column){ .name = header(reading, column), .type = RELEASED_TEXT, .role = RELEASED_DIMENSION,
                                                             .hierarchy = node->key };
        return 0;
    }
    return err_set(err, ERR_DATA, "%s: column '%.40s' is no %s of source '%s'", reading->path, header(reading, column),
                   column ? "dimension" : "period of closing", reading->source);
}

static bool ends_measure(const char *column, const char *measure, const char *suffix)
{
    size_t length = strlen(measure);
    return strncmp(column, measure, length) == 0 && column[length] == '_' && strcmp(column + length + 1, suffix) == 0;
}

static bool plan_measure(struct released_column *out, const char *column, const char *measure)
{
    if (ends_measure(column, measure, "n"))
        *out = (struct released_column){ .name = column, .type = RELEASED_INTEGER, .role = RELEASED_COUNT };
    else if (ends_measure(column, measure, "status"))
        *out = (struct released_column){ .name = column, .type = RELEASED_TEXT, .role = RELEASED_STATUS };
    for (enum table_figure f = 0; f < TABLE_FIGURES && !out->name; f++)
        if (ends_measure(column, measure, table_figure_name(f)))
            *out = (struct released_column){ .name = column, .type = RELEASED_DECIMAL, .role = RELEASED_FIGURE };
    return out->name != NULL;
}

static int plan_figure(struct reading *reading, size_t column, struct err *err)
{
    CONFIG_EACH(node, config_get(reading->node, "measures"))
        if (node->key && plan_measure(&reading->columns[column], header(reading, column), node->key))
            return 0;
    return err_set(err, ERR_DATA, "%s: column '%.40s' is no figure of a measure of source '%s'", reading->path, header(reading, column),
                   reading->source);
}

static int plan_columns(struct reading *reading, struct err *err)
{
    int cases = csvread_column(reading->csv, "cases"), code = 0;
    reading->count = csvread_header(reading->csv)->count;
    if (cases < 1)
        return err_set(err, ERR_DATA, "%s: no column 'cases' behind a period", reading->path);
    reading->columns = arena_alloc(&reading->arena, reading->count * sizeof *reading->columns);
    memset(reading->columns, 0, reading->count * sizeof *reading->columns);
    for (size_t i = 0; i < reading->count && !code; i++) {
        if (i < (size_t)cases)
            code = plan_dimension(reading, i, err);
        else if (i > (size_t)cases)
            code = plan_figure(reading, i, err);
        else
            reading->columns[i] = (struct released_column){ .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT };
        reading->columns[i].title = reading->columns[i].name;
    }
    return code;
}

/* ---- rows ---- */

/* What csvwrite_text() put in front of a text that a spreadsheet would take for a formula. */
static const char *undefused(const char *text)
{
    return text[0] == '\'' && text[1] ? text + 1 : text;
}

static bool read_value(const struct released_column *column, const char *text, struct released_value *value)
{
    char *end = NULL;
    errno = 0;
    *value = (struct released_value){ .present = *text != '\0' };
    if (!value->present)
        return column->role != RELEASED_DIMENSION && strcmp(column->name, "cases") != 0;
    if (column->type == RELEASED_TEXT)
        value->text = undefused(text);
    else if (column->type == RELEASED_INTEGER)
        value->integer = strtoll(text, &end, 10);
    else
        value->decimal = strtod(text, &end);
    return !errno && (!end || !*end) && isfinite(value->decimal) && value->integer >= 0;
}

static int digits_of(const char *text)
{
    const char *point = strchr(text, '.');
    return point ? (int)strspn(point + 1, "0123456789") : 0;
}

static int check_row(const struct reading *reading, const struct csv_record *record, struct released_value *values, struct err *err)
{
    unsigned long long line = (unsigned long long)record->line;
    struct schedule_span span;
    if (record->count != reading->count)
        return err_set(err, ERR_DATA, "%s:%llu: not as many fields as the header", reading->path, line);
    for (size_t i = 0; i < reading->count; i++)
        if (!read_value(&reading->columns[i], record->fields[i].text, &values[i]))
            return err_set(err, ERR_DATA, "%s:%llu: column '%s' holds what cannot be right", reading->path, line, reading->columns[i].name);
    if (!period_span_parse(reading->kind, values[0].text, &span))
        return err_set(err, ERR_DATA, "%s:%llu: column '%s' is no %s", reading->path, line, reading->columns[0].name, period_kind_name(reading->kind));
    return 0;
}

/* Once to see that all is right and how many digits there are, once to take the rows. */
static int read_rows(struct reading *reading, bool take, struct err *err)
{
    struct released_value *values = mem_zalloc(reading->count, sizeof *values);
    struct csv_record record;
    int code;
    while ((code = csvread_next(reading->csv, &record, err)) == 1) {
        code = check_row(reading, &record, values, err);
        if (code)
            break;
        for (size_t i = 0; i < reading->count && !take; i++)
            if (reading->columns[i].type == RELEASED_DECIMAL && digits_of(record.fields[i].text) > reading->columns[i].decimals)
                reading->columns[i].decimals = digits_of(record.fields[i].text);
        if (take)
            release_add_row(reading->release, reading->table, values);
    }
    free(values);
    return code;
}

static int pass(struct reading *reading, bool take, struct err *err)
{
    int code = csvread_open(&reading->csv, reading->path, NULL, err);
    if (code)
        return code;
    if (!take)
        code = plan_columns(reading, err);
    struct released_build build = { .folder = "tables", .name = reading->name, .title = reading->name, .version = 1, .columns = reading->columns,
                                    .column_count = reading->count };
    if (take)
        reading->table = release_add_table(reading->release, &build);
    if (!code)
        code = read_rows(reading, take, err);
    for (size_t i = 0; i < reading->count && !take && !code; i++) /* the header goes with the reader */
        reading->columns[i].name = reading->columns[i].title = arena_strdup(&reading->arena, reading->columns[i].name);
    csvread_free(reading->csv);
    return code;
}

/* ---- into the ledger ---- */

struct fitting {
    const struct reading *reading;
    int64_t id; /* of the newest version of the name with the same columns; 0: none */
};

static int fit_version(void *context, const struct ledger_version *version, struct err *err)
{
    struct fitting *fitting = context;
    const struct reading *reading = fitting->reading;
    struct ledger_columns columns;
    if (strcmp(version->name, reading->name) != 0)
        return 0;
    int code = ledger_columns_read(&columns, version, err);
    if (code)
        return code;
    bool same = columns.count == reading->count;
    for (size_t i = 0; i < columns.count && same; i++)
        same = strcmp(columns.list[i].name, reading->columns[i].name) == 0;
    if (same)
        fitting->id = version->id;
    ledger_columns_release(&columns);
    return 0;
}

/* A release's table goes on where the ledger has it; any other is a version of its own. */
static int find_version(const struct reading *reading, int64_t *id, struct err *err)
{
    struct fitting fitting = { .reading = reading };
    struct ledger *ledger = reading->history->publication->ledger;
    int code = ledger_each_version(ledger, fit_version, &fitting, err);
    if (code || fitting.id) {
        *id = fitting.id;
        return code;
    }
    struct strbuf columns = { 0 };
    ledger_table_columns(reading->table, &columns);
    struct ledger_version version = { .name = reading->name, .source = reading->source, .period_unit = period_kind_name(reading->kind),
                                      .title = reading->name, .columns = strbuf_text(&columns) };
    crypto_generichash(version.definition, sizeof version.definition, (const unsigned char *)columns.text, columns.length,
                       (const unsigned char *)"history import", sizeof "history import" - 1);
    code = ledger_version_get(ledger, &version, err);
    strbuf_release(&columns);
    *id = version.id;
    return code;
}

static int add_rows(const struct reading *reading, int64_t version, int64_t period, struct err *err)
{
    struct ledger *ledger = reading->history->publication->ledger;
    struct strbuf cells = { 0 };
    struct schedule_span span;
    int code = 0;
    for (size_t row = 0; row < released_row_count(reading->table) && !code; row++) {
        if (!period_span_parse(reading->kind, released_value(reading->table, row, 0).text, &span) || span.from != period)
            continue;
        ledger_table_cells(reading->table, row, &cells);
        code = ledger_add_row(ledger, version, period, (int64_t)row, strbuf_text(&cells), err);
    }
    strbuf_release(&cells);
    return code ? code : ledger_add_period(ledger, version, period, err);
}

static int add_period(struct reading *reading, int64_t version, int64_t period, struct err *err)
{
    const struct publication *publication = reading->history->publication;
    enum period_kind base;
    int has = ledger_has_period(publication->ledger, reading->name, period, err);
    if (has)
        return has < 0 ? has : 0;
    int code = add_rows(reading, version, period, err);
    if (!code)
        code = publication_base_kind(publication, reading->source, &base, err);
    if (!code && reading->history->is_release && base == reading->kind)
        code = ledger_freeze(publication->ledger, reading->source, period_kind_name(base), period, err);
    reading->history->periods += !code;
    return code;
}

/* Periods come one after the other, as rows of a table do; one that comes again is passed over. */
static int add_periods(struct reading *reading, struct err *err)
{
    int64_t version = 0;
    int code = find_version(reading, &version, err);
    int32_t last = INT32_MIN;
    for (size_t row = 0; row < released_row_count(reading->table) && !code; row++) {
        struct schedule_span span;
        period_span_parse(reading->kind, released_value(reading->table, row, 0).text, &span);
        if (span.from != last)
            code = add_period(reading, version, span.from, err);
        last = span.from;
    }
    return code;
}

int history_import_table(struct history *history, const char *path, const char *name, struct err *err)
{
    struct reading reading = { .history = history, .path = path, .name = name };
    struct release_build build = { .name = "import", .program = "", .config_digest = "", .protection = "" };
    int code = find_source(&reading, err);
    if (code)
        return code;
    arena_init(&reading.arena, false);
    reading.release = release_new(&build);
    code = pass(&reading, false, err);
    if (!code)
        code = pass(&reading, true, err);
    if (!code)
        code = add_periods(&reading, err);
    history->tables += !code;
    release_free(reading.release);
    arena_release(&reading.arena);
    return code;
}
