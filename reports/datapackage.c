/* datapackage.json after Frictionless Data Package 1 (specs.frictionlessdata.io). What the standard has no word for
 * stands under `fallzahl:`. */
#include <string.h>

#include "core/calendar.h"
#include "core/json_build.h"
#include "core/mem.h"
#include "reports/json.h"
#include "reports/writers.h"

static const char absent_rows[] =
    "A row that is not there had no cases or is withheld. '(total)' is the sum over a dimension, '(withheld)' the rest of a "
    "published total after its published parts, '(other)' stands for labels that too few persons share.";

static const char *type_name(enum released_type type)
{
    static const char *const names[] = {
        [RELEASED_TEXT] = "string",
        [RELEASED_INTEGER] = "integer",
        [RELEASED_DECIMAL] = "number",
    };
    return names[type];
}

static const char *role_name(enum released_role role)
{
    static const char *const names[] = {
        [RELEASED_DIMENSION] = "dimension",
        [RELEASED_COUNT] = "count",
        [RELEASED_FIGURE] = "figure",
        [RELEASED_STATUS] = "status",
    };
    return names[role];
}

static void put_constraints(json_t *field, const struct released_column *column)
{
    json_t *constraints = json_object();
    if (column->role == RELEASED_DIMENSION)
        json_object_set_new(constraints, "required", json_true());
    if (column->bounded) {
        json_object_set_new(constraints, "minimum", json_real(column->minimum));
        json_object_set_new(constraints, "maximum", json_real(column->maximum));
    }
    if (json_object_size(constraints))
        json_object_set(field, "constraints", constraints);
    json_decref(constraints);
}

static json_t *field_of(const struct released_column *column)
{
    json_t *field = json_object();
    json_put(field, "name", column->name);
    json_put(field, "type", type_name(column->type));
    json_put(field, "description", column->title);
    put_constraints(field, column);
    json_put(field, "fallzahl:role", role_name(column->role));
    json_put(field, "fallzahl:unit", column->unit);
    json_put(field, "fallzahl:hierarchy", column->hierarchy);
    if (column->open)
        json_put(field, "fallzahl:values", "open");
    if (column->type == RELEASED_DECIMAL)
        json_object_set_new(field, "fallzahl:decimals", json_integer(column->decimals));
    return field;
}

static json_t *schema_of(const struct released_table *table)
{
    json_t *schema = json_object(), *fields = json_array(), *key = json_array(), *missing = json_array();
    for (size_t i = 0; i < released_column_count(table); i++) {
        const struct released_column *column = released_column(table, i);
        json_array_append_new(fields, field_of(column));
        if (column->role == RELEASED_DIMENSION)
            json_array_append_new(key, json_string(column->name));
    }
    json_array_append_new(missing, json_string(""));
    json_object_set_new(schema, "fields", fields);
    json_object_set_new(schema, "missingValues", missing);
    if (strcmp(released_folder(table), "tables") == 0)
        json_object_set(schema, "primaryKey", key);
    json_decref(key);
    return schema;
}

/* Names in a package are unique and hold no slash: "tables.channels". */
static void put_name(json_t *resource, const struct released_table *table)
{
    struct strbuf name = { 0 };
    const char *folder = released_folder(table);
    strbuf_addf(&name, "%s%s%s", folder, *folder ? "." : "", released_name(table));
    json_put(resource, "name", name.text);
    strbuf_release(&name);
}

static void put_hash(json_t *resource, const struct stage_file *file)
{
    struct strbuf hash = { 0 };
    BUG_ON(!file);
    strbuf_addf(&hash, "sha256:%s", file->sha256);
    json_put(resource, "hash", hash.text);
    strbuf_release(&hash);
}

static json_t *resource_of(const struct released_table *table, const struct stage *stage)
{
    json_t *resource = json_object();
    struct strbuf path = { 0 };
    report_table_path(table, &path);
    put_name(resource, table);
    json_put(resource, "path", path.text);
    json_put(resource, "title", released_title(table));
    json_put(resource, "profile", "tabular-data-resource");
    json_put(resource, "format", "csv");
    json_put(resource, "mediatype", "text/csv");
    json_put(resource, "encoding", "utf-8");
    put_hash(resource, stage_find(stage, path.text));
    json_object_set_new(
        resource, "dialect",
        json_pack("{s:s, s:s, s:s, s:b}", "delimiter", ",", "lineTerminator", "\n", "quoteChar", "\"", "header", 1));
    json_object_set_new(resource, "schema", schema_of(table));
    json_put(resource, "fallzahl:source", released_source(table));
    json_object_set_new(resource, "fallzahl:version", json_integer(released_version(table)));
    strbuf_release(&path);
    return resource;
}

int report_datapackage(const struct release *release, const struct report_options *options, struct stage *stage,
                       struct err *err)
{
    (void)options;
    char instant[32];
    struct strbuf name = { 0 };
    json_t *package = json_object(), *resources = json_array();
    calendar_format_instant(release_as_of(release), instant);
    strbuf_addf(&name, "fallzahl-%s", release_name(release));
    json_put(package, "name", name.text);
    json_put(package, "profile", "tabular-data-package");
    json_put(package, "created", instant);
    json_put(package, "description", absent_rows);
    if (release_structural_zeros(release))
        json_set_made(package, "fallzahl:structural_zeros", json_loads(release_structural_zeros(release), 0, NULL));
    for (size_t i = 0; i < release_table_count(release); i++)
        json_array_append_new(resources, resource_of(release_table(release, i), stage));
    json_object_set_new(package, "resources", resources);
    strbuf_release(&name);
    return json_stage(package, stage, "datapackage.json", err);
}
